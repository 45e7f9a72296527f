import { z } from 'zod';
import { Analysis } from '../analysis.js';
import { defineEvent } from '../definition.js';
import { Ack, Direction, Driver, Id, Identity, Instant, MAX_INBOUND_TEXT, MessageType } from '../primitives.js';

/** Why a message carries our time instead of its provider's. */
export const TimeFlag = z.enum(['missing', 'implausible']);
export type TimeFlag = z.infer<typeof TimeFlag>;

/** A customer wrote: the canonical message, whatever source it came from. */
export const MessageReceived = defineEvent({
  name: 'message.received',
  stream: 'INBOX',
  version: 1,
  schema: z.object({
    messageId: Id,
    sessionId: Id,
    driver: Driver,
    /** the provider's bare message id, unique in the session */
    providerId: z.string().min(1).max(256),
    /** the identity the customer wrote from; a reply goes back to exactly this one */
    from: Identity,
    /** further identities the source named for the same person */
    alsoKnownAs: z.array(Identity).max(4),
    name: z.string().max(200).nullable(),
    type: MessageType,
    /** the provider's own word for the type, where ours is `unsupported` */
    providerType: z.string().max(64).nullable(),
    text: z.string().max(MAX_INBOUND_TEXT).nullable(),
    /** when the customer wrote, by the provider's clock; our receive time where `timeFlag` says so */
    timestamp: Instant,
    timeFlag: TimeFlag.nullable(),
    quotedProviderId: z.string().max(256).nullable(),
  }),
});
export type MessageReceived = z.infer<typeof MessageReceived.schema>;

/** How far an outbound message got, as the provider says it; may come twice, late or out of order. */
export const MessageAcked = defineEvent({
  name: 'message.acked',
  stream: 'INBOX',
  version: 1,
  schema: z.object({ sessionId: Id, providerId: z.string().min(1).max(256), ack: Ack, at: Instant }),
});
export type MessageAcked = z.infer<typeof MessageAcked.schema>;

/** A message is in the database; everything a reader needs to act on it without asking. */
export const MessageStored = defineEvent({
  name: 'message.stored',
  stream: 'FACTS',
  version: 1,
  schema: z.object({
    messageId: Id,
    conversationId: Id,
    contactId: Id,
    sessionId: Id,
    providerId: z.string().max(256).nullable(),
    direction: Direction,
    type: MessageType,
    text: z.string().max(MAX_INBOUND_TEXT).nullable(),
    timestamp: Instant,
    timeFlag: TimeFlag.nullable(),
    /** breaks ties between messages of one second: the stream sequence it was received with */
    seq: z.int(),
    ack: Ack.nullable(),
    /** who sent it, for outbound: a user's or an API client's id */
    sentBy: z.string().max(128).nullable(),
    customerName: z.string().max(200).nullable(),
  }),
});
export type MessageStored = z.infer<typeof MessageStored.schema>;

/** A tier understood a message. */
export const MessageAnalysed = defineEvent({
  name: 'message.analysed',
  stream: 'FACTS',
  version: 1,
  schema: z.object({ conversationId: Id, contactId: Id, sessionId: Id, analysis: Analysis }),
});
export type MessageAnalysed = z.infer<typeof MessageAnalysed.schema>;

/** The line took an outbound message. */
export const MessageSent = defineEvent({
  name: 'message.sent',
  stream: 'FACTS',
  version: 1,
  schema: z.object({ messageId: Id, conversationId: Id, sessionId: Id, providerId: z.string().max(256), at: Instant }),
});
export type MessageSent = z.infer<typeof MessageSent.schema>;

/** The line refused an outbound message for good; `reason` is for the agent. */
export const MessageFailed = defineEvent({
  name: 'message.failed',
  stream: 'FACTS',
  version: 1,
  schema: z.object({
    messageId: Id,
    conversationId: Id,
    sessionId: Id,
    providerId: z.string().max(256),
    reason: z.string().max(300),
    at: Instant,
  }),
});
export type MessageFailed = z.infer<typeof MessageFailed.schema>;

/** A stored message got further; what the screens show as ticks. */
export const MessageUpdated = defineEvent({
  name: 'message.updated',
  stream: 'FACTS',
  version: 1,
  schema: z.object({ messageId: Id, conversationId: Id, sessionId: Id, ack: Ack, reason: z.string().max(300).nullable() }),
});
export type MessageUpdated = z.infer<typeof MessageUpdated.schema>;
