import type { z } from 'zod';

/** The JetStream streams of the house; what each holds and how it is stored is in `libs/bus/src/topology.ts`. */
export type StreamName = 'INBOX' | 'COMMANDS' | 'FACTS' | 'REALTIME' | 'DEAD' | 'ADVISORY';

/** The server apps, each the owner of its own tables, commands and questions. */
export type AppName = 'gateway' | 'session' | 'message' | 'analysis' | 'user' | 'config' | 'notification';

/** A past-tense fact: its name is `<thing>.<verb>`, its payload the schema's. */
export interface EventDefinition<S extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly name: string;
  readonly stream: StreamName;
  readonly version: number;
  readonly schema: S;
}

/** A wish of somebody outside: its owner carries it out in one transaction and answers with the answer schema. */
export interface CommandDefinition<S extends z.ZodType = z.ZodType, A extends z.ZodType = z.ZodType> {
  readonly kind: 'command';
  readonly name: string;
  readonly stream: 'COMMANDS';
  readonly version: number;
  readonly owner: AppName;
  readonly schema: S;
  readonly answer: A;
}

/** A read, answered by its owner over core NATS. */
export interface QuestionDefinition<S extends z.ZodType = z.ZodType, A extends z.ZodType = z.ZodType> {
  readonly kind: 'question';
  readonly name: string;
  readonly owner: AppName;
  readonly schema: S;
  readonly answer: A;
}

/** Whatever a durable consumer can read. */
export type MessageDefinition<S extends z.ZodType = z.ZodType> = EventDefinition<S> | CommandDefinition<S>;

/** Declares an event; the only place its name, stream, version and shape are said. */
export function defineEvent<const S extends z.ZodType>(definition: Omit<EventDefinition<S>, 'kind'>): EventDefinition<S> {
  return { kind: 'event', ...definition };
}

/** Declares a command and what its owner answers. */
export function defineCommand<const S extends z.ZodType, const A extends z.ZodType>(
  definition: Omit<CommandDefinition<S, A>, 'kind' | 'stream'>,
): CommandDefinition<S, A> {
  return { kind: 'command', stream: 'COMMANDS', ...definition };
}

/** Declares a question and what its owner answers. */
export function defineQuestion<const S extends z.ZodType, const A extends z.ZodType>(
  definition: Omit<QuestionDefinition<S, A>, 'kind'>,
): QuestionDefinition<S, A> {
  return { kind: 'question', ...definition };
}
