import { z } from 'zod';
import { defineCommand } from '../definition.js';
import { ApiClientSecret, Conversation, Message, Organisation, Session } from '../entities.js';
import { ConversationStatus, Driver, Id, Identity, Label, MAX_OUTBOUND_TEXT } from '../primitives.js';
import { Scope } from '../scopes.js';
import { OrganisationSettings } from '../settings.js';

/** Send a text to a conversation's customer. `message` stores and answers, `session` sends. */
export const MessageSend = defineCommand({
  name: 'message.send',
  version: 1,
  owner: 'message',
  schema: z.object({
    messageId: Id,
    conversationId: Id,
    contactId: Id,
    sessionId: Id,
    /** the identity the customer wrote from */
    to: Identity,
    /** chosen before the send, so that a crash can be resolved by looking it up */
    providerId: z.string().min(1).max(256),
    text: z.string().min(1).max(MAX_OUTBOUND_TEXT),
  }),
  answer: Message,
});
export type MessageSend = z.infer<typeof MessageSend.schema>;

export const ConversationUpdate = defineCommand({
  name: 'conversation.update',
  version: 1,
  owner: 'message',
  schema: z.object({ conversationId: Id, status: ConversationStatus.optional(), userId: Id.nullable().optional() }),
  answer: Conversation,
});
export type ConversationUpdate = z.infer<typeof ConversationUpdate.schema>;

/** The agent has seen the conversation: its unread count becomes 0. */
export const ConversationRead = defineCommand({
  name: 'conversation.read',
  version: 1,
  owner: 'message',
  schema: z.object({ conversationId: Id }),
  answer: Conversation,
});
export type ConversationRead = z.infer<typeof ConversationRead.schema>;

export const SessionCreate = defineCommand({
  name: 'session.create',
  version: 1,
  owner: 'session',
  schema: z.object({
    sessionId: Id,
    name: Label,
    driver: Driver,
    cloud: z.object({ phoneNumberId: z.string(), appSecret: z.string(), verifyToken: z.string() }).nullable(),
  }),
  answer: Session,
});
export type SessionCreate = z.infer<typeof SessionCreate.schema>;

export const SessionDelete = defineCommand({
  name: 'session.delete',
  version: 1,
  owner: 'session',
  schema: z.object({ sessionId: Id }),
  answer: Session,
});
export type SessionDelete = z.infer<typeof SessionDelete.schema>;

/** Make an organisation with its first API client and, when named, its first administrator. */
export const OrganisationCreate = defineCommand({
  name: 'organisation.create',
  version: 1,
  owner: 'user',
  schema: z.object({
    organisationId: Id,
    name: Label,
    administrator: z.object({ username: Label, email: z.email().max(254) }).nullable(),
  }),
  answer: z.object({
    organisation: Organisation,
    apiClient: ApiClientSecret,
    administrator: z.object({ email: z.string(), password: z.string() }).nullable(),
  }),
});
export type OrganisationCreate = z.infer<typeof OrganisationCreate.schema>;

export const ApiClientCreate = defineCommand({
  name: 'api-client.create',
  version: 1,
  owner: 'user',
  schema: z.object({ clientId: Id, name: Label, scopes: z.array(Scope).min(1) }),
  answer: ApiClientSecret,
});
export type ApiClientCreate = z.infer<typeof ApiClientCreate.schema>;

export const SettingsUpdate = defineCommand({
  name: 'settings.update',
  version: 1,
  owner: 'config',
  schema: z.object({ scope: z.literal('organisation'), subject: Id, value: OrganisationSettings }),
  answer: OrganisationSettings,
});
export type SettingsUpdate = z.infer<typeof SettingsUpdate.schema>;
