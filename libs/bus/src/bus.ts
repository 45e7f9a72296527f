import { createInbox, type Msg } from '@nats-io/transport-node';
import type { z } from 'zod';
import {
  type CommandDefinition,
  CommandResult,
  type EventDefinition,
  type Idempotency,
  type MessageDefinition,
  Problem,
  type QuestionDefinition,
  recordedAnswer,
} from '#contracts';
import type { BusConnection } from './connection.js';
import { type Delivered, encodeEnvelope } from './envelope.js';
import { BusAway, NoAnswer, QuestionRefused } from './errors.js';
import { Publisher } from './publisher.js';
import { questionSubject, subjectOf } from './subject.js';
import { nextTrace } from './trace.js';

const ASK_TIMEOUT_MS = 3_000;
const COMMAND_PATIENCE_MS = 2_000;
const MAX_WAITING = 10_000;

/** Whose message it is, under which id, and what caused it. */
export interface PublishOptions {
  readonly organisationId: string;
  /** JetStream's message id: the same for the same fact, however often it is said */
  readonly id: string;
  readonly chat?: string;
  /** the delivery this one follows from; its trace and start go on */
  readonly cause?: Pick<Delivered<unknown>, 'trace' | 'since'>;
}

export interface CommandOptions extends Omit<PublishOptions, 'id'> {
  readonly by: string;
  readonly idempotency: Idempotency;
}

/** What the issuer of a command learns in time: the owner's result, or that it is still on its way. */
export type CommandOutcome = CommandResult | { readonly status: 'pending' };

/** Says things on the bus: events and commands on JetStream, questions on core NATS. */
export class Bus {
  readonly #publisher: Publisher;
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, (result: CommandResult) => void>();
  #replies = 0;

  constructor(
    readonly app: string,
    readonly connection: BusConnection,
  ) {
    this.#publisher = new Publisher(connection.nats);
    connection.nats.subscribe(`${this.#inbox}.*`, { callback: (_error, message) => this.#answered(message) });
  }

  /** Publishes an event; resolves when JetStream has it on disk (or in memory, as the stream says). Throws BusAway. */
  async publish<S extends z.ZodType>(event: EventDefinition<S>, options: PublishOptions, data: z.input<S>): Promise<void> {
    await this.#send(event, options, data, {});
  }

  /**
   * Publishes a command and waits up to two seconds for its owner's answer. A repeated one (same client and key) is not
   * delivered again while JetStream remembers it: then the owner's record answers. Throws BusAway.
   */
  async command<S extends z.ZodType, A extends z.ZodType>(
    command: CommandDefinition<S, A>,
    options: CommandOptions,
    data: z.input<S>,
  ): Promise<CommandOutcome> {
    if (this.#waiting.size >= MAX_WAITING) throw new BusAway('too many commands are waiting for their answers');
    const reply = `${this.#inbox}.${(this.#replies += 1)}`;
    const deadline = performance.now() + COMMAND_PATIENCE_MS;
    const answered = new Promise<CommandResult>((resolve) => this.#waiting.set(reply, resolve));
    try {
      const id = `${command.name}:${options.idempotency.client}:${options.idempotency.key}`;
      const { by, idempotency } = options;
      const duplicate = await this.#send(command, { ...options, id }, data, { by, idempotency, reply });
      if (duplicate) return await this.#recorded(command, options, deadline);
      return await before(deadline, answered);
    } finally {
      this.#waiting.delete(reply);
    }
  }

  /** Asks a question's owner. Throws NoAnswer when nobody answered in time, BusAway when there is no broker. */
  async ask<S extends z.ZodType, A extends z.ZodType>(
    question: QuestionDefinition<S, A>,
    organisationId: string,
    input: z.input<S>,
  ): Promise<z.output<A>> {
    if (!this.connection.up) throw new BusAway('not connected to NATS');
    // the packet of Nest's NATS transport: a pattern, an id that asks for an answer, the data
    const packet = JSON.stringify({ pattern: questionSubject(question), id: '1', data: { organisationId, input } });
    let message: Msg;
    try {
      message = await this.connection.nats.request(questionSubject(question), packet, { timeout: ASK_TIMEOUT_MS });
    } catch (cause) {
      throw new NoAnswer(`nobody answered ${question.name}`, { cause });
    }
    const answer: unknown = message.json();
    if (typeof answer !== 'object' || answer === null) throw new NoAnswer(`${question.name} was answered with nothing`);
    if ('err' in answer && answer.err) throw failureOf(question.name, answer.err);
    return question.answer.parse(Reflect.get(answer, 'response') ?? null);
  }

  /** Tells a command's issuer what became of it; nobody may be listening any more. */
  answer(reply: string, result: CommandResult): void {
    if (this.connection.up) this.connection.nats.publish(reply, JSON.stringify(result));
  }

  async #send(
    definition: MessageDefinition,
    options: PublishOptions,
    data: unknown,
    extra: { by?: string; idempotency?: Idempotency; reply?: string },
  ): Promise<boolean> {
    if (!this.connection.up) throw new BusAway('not connected to NATS');
    const at = Date.now();
    const trace = nextTrace(options.cause?.trace);
    const since = options.cause?.since ?? at;
    const bytes = encodeEnvelope({ v: definition.version, org: options.organisationId, at, since, trace, ...extra, data });
    return this.#publisher.publish(subjectOf(definition, options.organisationId, options.chat), bytes, options.id);
  }

  async #recorded(command: CommandDefinition, options: CommandOptions, deadline: number): Promise<CommandOutcome> {
    const question = recordedAnswer(command.owner);
    while (performance.now() < deadline) {
      const result = await this.ask(question, options.organisationId, options.idempotency);
      if (result !== null) return result;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { status: 'pending' };
  }

  #answered(message: Msg): void {
    const result = CommandResult.safeParse(message.json());
    if (result.success) this.#waiting.get(message.subject)?.(result.data);
  }
}

async function before(deadline: number, answered: Promise<CommandResult>): Promise<CommandOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CommandOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'pending' }), Math.max(0, deadline - performance.now()));
  });
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failureOf(question: string, error: unknown): Error {
  const told = Problem.safeParse(typeof error === 'object' && error !== null ? Reflect.get(error, 'problem') : undefined);
  return told.success ? new QuestionRefused(told.data) : new NoAnswer(`${question} failed at its owner`);
}
