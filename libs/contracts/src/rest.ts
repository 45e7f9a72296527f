import { z } from 'zod';
import { Intent, SentimentLabel } from './analysis.js';
import { cleanText, ConversationStatus, Id, Label, MAX_INBOUND_TEXT, MAX_OUTBOUND_TEXT } from './primitives.js';
import { Scope } from './scopes.js';

const Limit = z.coerce.number().int().min(1).max(100).default(50);

/** The query of every list. */
export const ListQuery = z.strictObject({ cursor: z.string().max(512).optional(), limit: Limit });

export const ConversationListQuery = ListQuery.extend({
  status: ConversationStatus.optional(),
  sessionId: Id.optional(),
  intent: Intent.optional(),
  sentiment: SentimentLabel.optional(),
});

export const CreateSessionBody = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('sandbox'), name: Label }),
  z.strictObject({
    driver: z.literal('cloud'),
    name: Label,
    /** the number's id in the Meta app, as webhooks name it in `metadata.phone_number_id` */
    phoneNumberId: z.string().regex(/^[0-9]{1,32}$/, 'digits only, as shown in the Meta app'),
    /** the Meta app's secret: every webhook is signed with it */
    appSecret: z.string().min(16).max(256),
    /** the token Meta repeats when it checks the webhook's address */
    verifyToken: z.string().min(16).max(256),
  }),
]);

export const SendMessageBody = z.strictObject({
  text: cleanText(MAX_OUTBOUND_TEXT).pipe(z.string().min(1, 'a message needs a text')),
});

export const UpdateConversationBody = z
  .strictObject({ status: ConversationStatus.optional(), userId: Id.nullable().optional() })
  .refine((body) => body.status !== undefined || body.userId !== undefined, 'say at least one of status, userId');

export const CreateOrganisationBody = z.strictObject({
  name: Label,
  administrator: z.strictObject({ username: Label, email: z.email().max(254) }).optional(),
});

export const CreateApiClientBody = z.strictObject({
  name: Label,
  scopes: z
    .array(Scope.exclude(['operator']))
    .min(1)
    .optional(),
});

/** A customer of a sandbox session writes. */
export const SandboxMessageBody = z.strictObject({
  /** the customer's phone: digits with country code */
  from: z.string().regex(/^[0-9]{6,20}$/, 'digits only, with country code'),
  name: Label.optional(),
  text: cleanText(MAX_INBOUND_TEXT).pipe(z.string().min(1)),
});
export type SandboxMessageBody = z.infer<typeof SandboxMessageBody>;

export const SandboxListQuery = ListQuery.extend({ to: z.string().max(128).optional() });
