import { z } from 'zod';
import { Analysis, Intent, SentimentLabel } from '../analysis.js';
import { type AppName, defineQuestion } from '../definition.js';
import { Conversation, DiagnosticsEntry, Message, Organisation, pageOf, SandboxDelivery, Session } from '../entities.js';
import { ConversationStatus, Id, Identity } from '../primitives.js';
import { Problem } from '../problem.js';
import { OrganisationSettings } from '../settings.js';

/** Where and how much of a keyset list. */
export const PageQuery = z.object({ cursor: z.string().max(512).optional(), limit: z.int().min(1).max(100) });
export type PageQuery = z.infer<typeof PageQuery>;

export const SessionById = defineQuestion({
  name: 'session.by-id',
  owner: 'session',
  schema: z.object({ sessionId: Id }),
  answer: Session.nullable(),
});

export const SessionList = defineQuestion({
  name: 'session.list',
  owner: 'session',
  schema: PageQuery,
  answer: pageOf(Session),
});

export const SessionDiagnostics = defineQuestion({
  name: 'session.diagnostics',
  owner: 'session',
  schema: PageQuery.extend({ sessionId: Id }),
  answer: pageOf(DiagnosticsEntry).nullable(),
});
export type SessionDiagnostics = z.infer<typeof SessionDiagnostics.schema>;

/** Which sessions claim a Meta phone number; the webhook's signature decides whose it is. Asked before an organisation is known. */
export const CloudRoutes = defineQuestion({
  name: 'session.cloud-routes',
  owner: 'session',
  schema: z.object({ phoneNumberId: z.string().max(64) }),
  answer: z.array(z.object({ organisationId: Id, sessionId: Id, appSecret: z.string() })).max(8),
});

/** Whether some session was made with this verify token. Asked before an organisation is known. */
export const CloudVerifyToken = defineQuestion({
  name: 'session.cloud-verify-token',
  owner: 'session',
  schema: z.object({ verifyToken: z.string().min(1).max(256) }),
  answer: z.object({ known: z.boolean() }),
});

/** What the customers of a sandbox session received. */
export const SandboxDeliveries = defineQuestion({
  name: 'session.sandbox-deliveries',
  owner: 'session',
  schema: PageQuery.extend({ sessionId: Id, to: z.string().max(128).optional() }),
  answer: pageOf(SandboxDelivery).nullable(),
});
export type SandboxDeliveries = z.infer<typeof SandboxDeliveries.schema>;

export const ConversationList = defineQuestion({
  name: 'conversation.list',
  owner: 'message',
  schema: PageQuery.extend({
    status: ConversationStatus.optional(),
    sessionId: Id.optional(),
    intent: Intent.optional(),
    sentiment: SentimentLabel.optional(),
  }),
  answer: pageOf(Conversation),
});
export type ConversationList = z.infer<typeof ConversationList.schema>;

export const ConversationById = defineQuestion({
  name: 'conversation.by-id',
  owner: 'message',
  schema: z.object({ conversationId: Id }),
  answer: Conversation.nullable(),
});

export const MessageList = defineQuestion({
  name: 'message.list',
  owner: 'message',
  schema: PageQuery.extend({ conversationId: Id }),
  answer: pageOf(Message).nullable(),
});
export type MessageList = z.infer<typeof MessageList.schema>;

/** Over which session and to which identity a conversation is answered. */
export const ConversationRoute = defineQuestion({
  name: 'conversation.route',
  owner: 'message',
  schema: z.object({ conversationId: Id }),
  answer: z.object({ sessionId: Id, contactId: Id, to: Identity }).nullable(),
});

export const AnalysisOfMessage = defineQuestion({
  name: 'analysis.of-message',
  owner: 'analysis',
  schema: z.object({ messageId: Id }),
  answer: z.array(Analysis),
});

export const SettingsOfOrganisation = defineQuestion({
  name: 'settings.of-organisation',
  owner: 'config',
  schema: z.object({}),
  answer: OrganisationSettings,
});

export const OrganisationList = defineQuestion({
  name: 'organisation.list',
  owner: 'user',
  schema: PageQuery,
  answer: pageOf(Organisation),
});

/** What became of a command: carried out, or refused with a problem for the client. */
export const CommandResult = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done'), answer: z.unknown() }),
  z.object({ status: z.literal('refused'), problem: Problem }),
]);
export type CommandResult = z.infer<typeof CommandResult>;

/** Who asked under which key, and a hash of what was asked: what makes a repeated command recognisable. */
export const Idempotency = z.object({ client: z.string().max(128), key: z.string().max(255), requestHash: z.string().max(64) });
export type Idempotency = z.infer<typeof Idempotency>;

/** The answer an owner has on record for a command it may have carried out before; null while there is none. */
export const recordedAnswer = (owner: AppName) =>
  defineQuestion({ name: `${owner}.recorded-answer`, owner, schema: Idempotency, answer: CommandResult.nullable() });
