import { EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import type { z } from 'zod';
import type { CommandDefinition, CommandResult, MessageDefinition, QuestionDefinition } from '#contracts';
import type { Delivered } from './envelope.js';
import { questionSubject } from './subject.js';

/** The transport id under which Nest hands JetStream handlers to `JetStreamServer`. */
export const JETSTREAM = Symbol('jetstream');

/** How a handler wants its messages; read by `JetStreamServer`. */
export interface HandlerPlan {
  readonly definition: MessageDefinition;
  readonly mode: 'single' | 'batch' | 'command';
  /** most messages in one batch */
  readonly most: number;
  /** how long the first message waits for others, in milliseconds */
  readonly gatherMs: number;
}

/** One question with the organisation it is asked for. */
export interface Asked<D> {
  readonly organisationId: string;
  readonly input: D;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the parameter list of a handler is only compared, never called
type AnyHandler = (...args: any[]) => unknown;
/** Accepts a method only if it takes what will be delivered and returns what is expected. */
type Takes<M extends AnyHandler, Input, Output> = Input extends Parameters<M>[0]
  ? ReturnType<M> extends Output
    ? TypedPropertyDescriptor<M>
    : never
  : never;
type HandlerDecorator<Input, Output> = <M extends AnyHandler>(
  target: object,
  key: string,
  descriptor: Takes<M, Input, Output> & TypedPropertyDescriptor<M>,
) => void;

function plan(definition: MessageDefinition, mode: HandlerPlan['mode'], batch: BatchOptions = {}): MethodDecorator {
  const { most = 256, gatherMs = 0 } = batch;
  const extras = { plan: { definition, mode, most, gatherMs } satisfies HandlerPlan };
  return EventPattern(definition.name, JETSTREAM, extras) as MethodDecorator;
}

/** Handles one message at a time, in the stream's order. A handler that takes something else does not compile. */
export function On<S extends z.ZodType>(definition: MessageDefinition<S>): HandlerDecorator<Delivered<z.output<S>>, Promise<void>> {
  return (target, key, descriptor) => plan(definition, 'single')(target, key, descriptor as PropertyDescriptor);
}

/** How a batch is made up: at most so many messages (256), of which the first waits so long for others (not at all). */
export interface BatchOptions {
  readonly most?: number;
  /** for work no screen waits for: at a moderate rate it saves a transaction per message */
  readonly gatherMs?: number;
}

/** Handles what has gathered as one array; on a poison message the batch is split until only that one is left. */
export function OnBatch<S extends z.ZodType>(
  definition: MessageDefinition<S>,
  batch: BatchOptions = {},
): HandlerDecorator<readonly Delivered<z.output<S>>[], Promise<void>> {
  return (target, key, descriptor) => plan(definition, 'batch', batch)(target, key, descriptor as PropertyDescriptor);
}

/** Carries out a command as its owner; what it returns is sent to whoever issued the command. */
export function Carries<S extends z.ZodType, A extends z.ZodType>(
  command: CommandDefinition<S, A>,
): HandlerDecorator<Delivered<z.output<S>>, Promise<CommandResult>> {
  return (target, key, descriptor) => plan(command, 'command')(target, key, descriptor as PropertyDescriptor);
}

/** Answers a question as its owner, on Nest's NATS transport. */
export function Answer<S extends z.ZodType, A extends z.ZodType>(
  question: QuestionDefinition<S, A>,
): HandlerDecorator<Asked<z.output<S>>, Promise<z.input<A>>> {
  return (target, key, descriptor) => {
    const original = descriptor.value;
    if (!original) return;
    const parsed = function (this: unknown, packet: Asked<unknown>) {
      return original.call(this, { organisationId: packet.organisationId, input: question.schema.parse(packet.input) });
    };
    Object.defineProperty(descriptor, 'value', { value: parsed, configurable: true, writable: true, enumerable: true });
    const decorate: MethodDecorator = MessagePattern(questionSubject(question), Transport.NATS);
    decorate(target, key, descriptor as PropertyDescriptor);
  };
}
