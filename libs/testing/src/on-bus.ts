import { Module, type Provider, type Type } from '@nestjs/common';
import { Bus, BusConnection, type Judge } from '#bus';
import { HEALTH_CHECKS, JUDGES, run } from '#server';

/** A bus of one app on a broker. Drain its connection in `afterAll`. */
export async function openBus(url: string, app = 'tester'): Promise<Bus> {
  return new Bus(app, await BusConnection.open({ url, app }));
}

export interface OnBusOptions {
  readonly controllers: Type[];
  readonly providers?: Provider[];
  /** how failures of these handlers are judged; nothing is known of them when absent */
  readonly judge?: Judge;
}

/** Serves handlers on a bus exactly as an app does. Returns what stops them; the bus stays open. */
export async function serveOnBus(bus: Bus, { controllers, providers = [], judge }: OnBusOptions): Promise<() => Promise<void>> {
  class Served {}
  Module({
    controllers,
    providers: [
      ...providers,
      { provide: Bus, useValue: bus },
      { provide: JUDGES, useValue: judge ? [judge] : [] },
      { provide: HEALTH_CHECKS, useValue: [] },
    ],
  })(Served);
  const running = await run({ app: 'message', module: Served, env: { LOG_LEVEL: 'fatal' } });
  return () => running.close();
}
