import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Counter, Histogram } from 'prom-client';
import type { CommandResult, MessageDefinition } from '#contracts';
import type { Bus } from './bus.js';
import { putAside } from './dead-letters.js';
import { decodeEnvelope, type Delivered, type Envelope } from './envelope.js';
import { BusAway, NoAnswer, Poison } from './errors.js';
import { chatOf } from './subject.js';

/** What an app knows about its own failures: does it pass by itself, or will it fail for ever? */
export type Verdict = 'away' | 'poison' | 'unknown';
export type Judge = (error: unknown) => Verdict;

export interface LoopOptions {
  readonly bus: Bus;
  readonly consumer: string;
  readonly definition: MessageDefinition;
  readonly most: number;
  /** how long the first message of a batch waits for others, in milliseconds */
  readonly gatherMs?: number;
  readonly judge: Judge;
  /** opens the stream of messages; called again when it ended by itself */
  readonly open: () => Promise<ConsumerMessages>;
  readonly handle: (batch: readonly Delivered<unknown>[]) => Promise<CommandResult | void>;
  readonly warn: (text: string, detail: Record<string, unknown>) => void;
}

interface Held {
  readonly message: JsMsg;
  readonly envelope: Envelope;
  readonly delivered: Delivered<unknown>;
}

/** An error nobody could judge is tried this often before it counts as poison. */
const UNKNOWN_TRIES = 5;
export const ACK_WAIT_MS = 30_000;
const HEARTBEAT_MS = 10_000;

const handled = new Counter({ name: 'alra_messages_handled_total', help: 'Messages handled and acknowledged', labelNames: ['consumer'] });
const holds = new Counter({
  name: 'alra_consumer_holds_total',
  help: 'Times a batch was held because a dependency was away',
  labelNames: ['consumer'],
});
const batches = new Histogram({
  name: 'alra_batch_seconds',
  help: 'How long a batch took, from hand-over to acknowledgement',
  labelNames: ['consumer'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
});

/**
 * Feeds one durable consumer's messages to its handler: while the handler works, the next ones gather and go in one batch.
 * A dependency that is away holds the batch in place; a poison message goes to the dead letters alone; the ack comes last.
 */
export class ConsumerLoop {
  readonly #buffer: JsMsg[] = [];
  #inWork: readonly JsMsg[] = [];
  #wake: (() => void) | undefined;
  #stopping = false;
  #running: Promise<void> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  #source: ConsumerMessages | undefined;

  constructor(private readonly options: LoopOptions) {}

  start(): void {
    // what waits here or is held must not be delivered to somebody else meanwhile
    this.#heartbeat = setInterval(() => this.#working(), HEARTBEAT_MS);
    this.#running = Promise.all([this.#gather(), this.#work()]).then(() => undefined);
  }

  /** Stops taking messages and waits for the batch in work; what waits unhandled comes again to whoever is next. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#source?.stop();
    this.#wake?.();
    await this.#running;
    clearInterval(this.#heartbeat);
  }

  async #gather(): Promise<void> {
    while (!this.#stopping) {
      try {
        const source = await this.options.open();
        this.#source = source;
        // `stop` may have come while it was opened
        if (this.#stopping) source.stop();
        for await (const message of source) {
          this.#buffer.push(message);
          this.#wake?.();
        }
      } catch (error) {
        this.options.warn('a consumer broke off', { consumer: this.options.consumer, error: nameOf(error) });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      if (this.#buffer.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      const { gatherMs = 0, most } = this.options;
      if (gatherMs > 0 && this.#buffer.length < most) await sleep(gatherMs);
      if (this.#stopping) return;
      const batch = this.#buffer.splice(0, this.options.most);
      this.#inWork = batch;
      const stop = batches.startTimer({ consumer: this.options.consumer });
      await this.#settle(await this.#open(batch));
      stop();
      this.#inWork = [];
    }
  }

  async #open(batch: readonly JsMsg[]): Promise<Held[]> {
    const held: Held[] = [];
    for (const message of batch) {
      try {
        const envelope = decodeEnvelope(this.options.definition, message.data);
        held.push({ message, envelope, delivered: delivery(message, envelope) });
      } catch (error) {
        await this.#bury(message, error);
      }
    }
    return held;
  }

  async #settle(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return;
    for (let attempt = 1; !this.#stopping; attempt += 1) {
      try {
        const result = await this.options.handle(held.map((one) => one.delivered));
        this.#done(held, result);
        return;
      } catch (error) {
        const verdict = this.#judge(error, attempt);
        if (verdict === 'poison') return this.#split(held, error);
        holds.inc({ consumer: this.options.consumer });
        this.options.warn('a batch is held', { consumer: this.options.consumer, attempt, size: held.length, error: nameOf(error) });
        await this.#pause(attempt);
      }
    }
  }

  #done(held: readonly Held[], result: CommandResult | void): void {
    for (const { message, envelope } of held) {
      if (result !== undefined && envelope.reply !== undefined) this.options.bus.answer(envelope.reply, result);
      message.ack();
    }
    handled.inc({ consumer: this.options.consumer }, held.length);
  }

  async #split(held: readonly Held[], error: unknown): Promise<void> {
    const [only] = held;
    if (only && held.length === 1) return this.#bury(only.message, error);
    const middle = Math.ceil(held.length / 2);
    await this.#settle(held.slice(0, middle));
    await this.#settle(held.slice(middle));
  }

  async #bury(message: JsMsg, error: unknown): Promise<void> {
    for (let attempt = 1; !this.#stopping; attempt += 1) {
      try {
        await putAside(this.options.bus.connection, this.options.consumer, message, error);
        message.ack();
        this.options.warn('a message was put aside', { consumer: this.options.consumer, seq: message.seq, error: nameOf(error) });
        return;
      } catch {
        // the dead-letter stream is away like any dependency: the message stays until it is back
        await this.#pause(attempt);
      }
    }
  }

  #judge(error: unknown, attempt: number): Verdict {
    if (error instanceof BusAway || error instanceof NoAnswer) return 'away';
    if (error instanceof Poison) return 'poison';
    const verdict = this.options.judge(error);
    return verdict === 'unknown' && attempt >= UNKNOWN_TRIES ? 'poison' : verdict;
  }

  #pause(attempt: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(50 * 2 ** attempt, 2_000));
      this.#wake = () => {
        if (!this.#stopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #working(): void {
    for (const message of this.#inWork) message.working();
    for (const message of this.#buffer) message.working();
  }
}

function delivery(message: JsMsg, envelope: Envelope): Delivered<unknown> {
  return {
    id: message.headers?.get('Nats-Msg-Id') ?? '',
    organisationId: envelope.org,
    seq: message.seq,
    at: envelope.at,
    since: envelope.since,
    trace: envelope.trace,
    chat: chatOf(message.subject),
    redelivered: message.redelivered,
    by: envelope.by,
    idempotency: envelope.idempotency,
    data: envelope.data,
  };
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}
