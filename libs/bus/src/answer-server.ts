import { ServerNats } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Bus } from './bus.js';

/** Nest's NATS transport for `@Answer`, on the app's one connection. */
export class AnswerServer extends ServerNats {
  constructor(private readonly bus: Bus) {
    super({ queue: bus.app });
  }

  override createNatsClient(): Promise<NatsConnection> {
    return Promise.resolve(this.bus.connection.nats);
  }

  /** Stops answering; the connection belongs to the bus. */
  override close(): Promise<void> {
    for (const subscription of this['subscriptions']) subscription.unsubscribe();
    return Promise.resolve();
  }
}
