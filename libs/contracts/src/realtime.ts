import { z } from 'zod';
import { Analysis } from './analysis.js';
import { ConversationChanged } from './events/conversation.js';
import { MessageUpdated } from './events/message.js';
import { SessionChanged } from './events/session.js';
import { defineEvent } from './definition.js';
import { Message } from './entities.js';
import { Id, Instant } from './primitives.js';

/** Longest text that travels over the socket; a longer one is cut, marked, and read over REST. */
export const MAX_REALTIME_TEXT = 8_192;

/** What a screen is told, by name; the shapes a client has to know. */
export const RealtimeEvents = {
  'message.created': Message.extend({ contactId: Id, customerName: z.string().nullable(), truncated: z.boolean() }),
  'message.updated': MessageUpdated.schema,
  'message.analysed': z.object({ conversationId: Id, contactId: Id, sessionId: Id, analysis: Analysis }),
  'conversation.updated': ConversationChanged.schema,
  'session.updated': SessionChanged.schema,
} as const;
export type RealtimeName = keyof typeof RealtimeEvents;
export const RealtimeName = z.enum(['message.created', 'message.updated', 'message.analysed', 'conversation.updated', 'session.updated']);

/** One realtime event on the bus; its payload was checked by whoever made it. */
export const RealtimePublished = defineEvent({
  name: 'realtime.published',
  stream: 'REALTIME',
  version: 1,
  schema: z.object({ name: RealtimeName, at: Instant, data: z.unknown() }),
});
export type RealtimePublished = z.infer<typeof RealtimePublished.schema>;

/** What a client may say on the socket. */
export const ClientFrame = z.strictObject({
  type: z.literal('hello'),
  ticket: z.string().max(1_024),
  /** the cursor of the last event the client has; without it the client starts at now */
  cursor: z.string().max(128).optional(),
});
export type ClientFrame = z.infer<typeof ClientFrame>;

/** What the server says: `ready` (live from `cursor` on), `resync` (read the lists again, then live from `cursor`), `event`, or a refusal. */
export const ServerFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), cursor: z.string() }),
  z.object({ type: z.literal('resync'), cursor: z.string() }),
  z.object({ type: z.literal('event'), cursor: z.string(), name: RealtimeName, at: Instant, data: z.unknown() }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
