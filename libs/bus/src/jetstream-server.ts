import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { LoggerService } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { CommandResult } from '#contracts';
import type { Bus } from './bus.js';
import { ACK_WAIT_MS, ConsumerLoop, type Judge } from './consumer-loop.js';
import { type HandlerPlan, JETSTREAM } from './decorators.js';
import type { Delivered } from './envelope.js';
import { durableName, filterOf } from './subject.js';

const MAX_UNACKED = 1_000;
/** nats-server's code for a consumer that exists with other settings */
const CONSUMER_EXISTS = 10_148;

/** Nest's transport for `@On`, `@OnBatch` and `@Carries`: one durable pull consumer per handler. */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  readonly #loops: ConsumerLoop[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly judge: Judge,
    /** the app's own: Nest's is one for all apps of a process */
    private readonly log: Pick<LoggerService, 'warn'>,
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    Promise.all([...this.messageHandlers.values()].map((handler) => this.#serve(handler))).then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  on(): never {
    throw new Error('JetStreamServer has no events of its own');
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    return this.bus.connection.nats as T;
  }

  async #serve(handler: MessageHandler): Promise<void> {
    const plan: HandlerPlan = handler.extras?.['plan'];
    const name = durableName(this.bus.app, plan.definition);
    const open = async () => {
      await this.#ensureConsumer(name, plan);
      const consumer = await this.bus.connection.jetstream.consumers.get(plan.definition.stream, name);
      // a broker that lost its data has no such consumer any more: end, so that it is made again
      return consumer.consume({ max_messages: MAX_UNACKED, expires: 10_000, abort_on_missing_resource: true });
    };
    await this.#ensureConsumer(name, plan);
    const loop = new ConsumerLoop({
      open,
      bus: this.bus,
      consumer: name,
      definition: plan.definition,
      most: plan.mode === 'batch' ? plan.most : 1,
      gatherMs: plan.gatherMs,
      judge: this.judge,
      handle: (batch) => call(handler, plan, batch),
      warn: (text, detail) => this.log.warn({ msg: text, ...detail }),
    });
    this.#loops.push(loop);
    loop.start();
  }

  async #ensureConsumer(name: string, plan: HandlerPlan): Promise<void> {
    const config: Partial<ConsumerConfig> = {
      durable_name: name,
      filter_subject: filterOf(plan.definition),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      deliver_policy: DeliverPolicy.All,
      max_deliver: -1,
      max_ack_pending: MAX_UNACKED,
    };
    const { consumers } = this.bus.connection.manager;
    try {
      await consumers.add(plan.definition.stream, config);
    } catch (error) {
      // an earlier version made it with other settings
      if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) throw error;
      await consumers.update(plan.definition.stream, name, config);
    }
  }
}

async function call(handler: MessageHandler, plan: HandlerPlan, batch: readonly Delivered<unknown>[]): Promise<CommandResult | void> {
  const returned: unknown = await handler(plan.mode === 'batch' ? batch : batch[0]);
  const value: unknown = isObservable(returned) ? await lastValueFrom(returned, { defaultValue: undefined }) : returned;
  return plan.mode === 'command' ? CommandResult.parse(value) : undefined;
}
