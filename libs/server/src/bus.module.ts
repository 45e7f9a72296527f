import { type DynamicModule, Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Bus, BusConnection } from '#bus';
import type { AppName } from '#contracts';

/** Drains the connection when everything that uses it has stopped. */
@Injectable()
class BusLifetime implements OnApplicationShutdown {
  constructor(private readonly bus: Bus) {}

  onApplicationShutdown(): Promise<void> {
    return this.bus.connection.drain();
  }
}

/** Gives an app its `Bus`. */
@Global()
@Module({})
export class BusModule {
  static connect(app: AppName, url: string): DynamicModule {
    const bus = { provide: Bus, useFactory: async () => new Bus(app, await BusConnection.open({ url, app })) };
    return { module: BusModule, providers: [bus, BusLifetime], exports: [Bus] };
  }
}
