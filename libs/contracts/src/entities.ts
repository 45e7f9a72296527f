import { z } from 'zod';
import { Intent, SentimentLabel } from './analysis.js';
import { TimeFlag } from './events/message.js';
import { Ack, ConversationStatus, Direction, Driver, Id, Instant, MessageType, SessionState } from './primitives.js';

/** A WhatsApp number's connection, as clients see it; its credentials never leave the session service. */
export const Session = z.object({
  id: Id,
  name: z.string(),
  driver: Driver,
  state: SessionState,
  /** for driver `cloud`: which number of the Meta app this is */
  phoneNumberId: z.string().nullable(),
  createdAt: Instant,
});
export type Session = z.infer<typeof Session>;

/** One row of the inbox. */
export const Conversation = z.object({
  id: Id,
  sessionId: Id,
  contactId: Id,
  customerName: z.string().nullable(),
  customerPhone: z.string().nullable(),
  status: ConversationStatus,
  userId: Id.nullable(),
  startedAt: Instant,
  lastMessageAt: Instant,
  lastMessage: z.object({ preview: z.string(), direction: Direction, type: MessageType }).nullable(),
  unread: z.int(),
  lastIntent: Intent.nullable(),
  lastSentiment: SentimentLabel.nullable(),
  leadScore: z.int().nullable(),
});
export type Conversation = z.infer<typeof Conversation>;

/** One message of a thread. */
export const Message = z.object({
  id: Id,
  conversationId: Id,
  sessionId: Id,
  direction: Direction,
  type: MessageType,
  text: z.string().nullable(),
  timestamp: Instant,
  timeFlag: TimeFlag.nullable(),
  seq: z.int(),
  ack: Ack.nullable(),
  failure: z.string().nullable(),
  sentBy: z.string().nullable(),
  providerId: z.string().nullable(),
});
export type Message = z.infer<typeof Message>;

/** What a sandbox customer's phone shows: the messages our side sent. */
export const SandboxDelivery = z.object({ id: Id, to: z.string(), text: z.string(), providerId: z.string(), at: Instant });
export type SandboxDelivery = z.infer<typeof SandboxDelivery>;

/** One line of a session's diagnostics: what happened on the line, when, with which result. Never message text. */
export const DiagnosticsEntry = z.object({ id: Id, at: Instant, what: z.string(), detail: z.string() });
export type DiagnosticsEntry = z.infer<typeof DiagnosticsEntry>;

export const Organisation = z.object({ id: Id, name: z.string(), createdAt: Instant });
export type Organisation = z.infer<typeof Organisation>;

/** A machine's credentials; the secret is shown once, when they are made. */
export const ApiClientSecret = z.object({ clientId: z.string(), clientSecret: z.string(), scopes: z.array(z.string()) });
export type ApiClientSecret = z.infer<typeof ApiClientSecret>;

/** A page of a keyset list; `next` goes into the query's `cursor` for the following page. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}
