import { z } from 'zod';
import { cleanText } from '#contracts';

// The Cloud API's webhook as far as it is read here (developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components).
// What is not named is let through unread: Meta adds fields without asking.

const ProviderId = cleanText(256).pipe(z.string().min(1));
const UserId = cleanText(128);
const Text = z.string().max(1_000_000);
const Media = z.looseObject({ caption: Text.optional(), filename: z.string().max(1_000).optional(), voice: z.boolean().optional() });

/** One message; everything but the id may be missing or of a kind nobody here knows. */
export const CloudMessage = z.looseObject({
  id: ProviderId,
  from: z.string().max(128).optional(),
  from_user_id: UserId.optional(),
  timestamp: z.union([z.string().max(32), z.number()]).optional(),
  type: z.string().max(64).optional(),
  text: z.looseObject({ body: Text }).optional(),
  button: z.looseObject({ text: Text }).optional(),
  interactive: z
    .looseObject({ button_reply: z.looseObject({ title: Text }).optional(), list_reply: z.looseObject({ title: Text }).optional() })
    .optional(),
  image: Media.optional(),
  video: Media.optional(),
  audio: Media.optional(),
  document: Media.optional(),
  sticker: Media.optional(),
  context: z.looseObject({ id: cleanText(256).optional() }).optional(),
});
export type CloudMessage = z.infer<typeof CloudMessage>;

/** One report of how far a message of ours got. */
export const CloudStatus = z.looseObject({ id: ProviderId, status: z.string().max(64) });

/** The contact card beside a message. */
export const CloudContact = z.looseObject({
  wa_id: z.string().max(128).optional(),
  user_id: UserId.optional(),
  profile: z.looseObject({ name: z.string().max(2_000).optional() }).optional(),
});
export type CloudContact = z.infer<typeof CloudContact>;

const Value = z.looseObject({
  metadata: z.looseObject({ phone_number_id: z.string().min(1).max(64) }).optional(),
  contacts: z.array(z.unknown()).max(1_000).optional(),
  messages: z.array(z.unknown()).max(1_000).optional(),
  statuses: z.array(z.unknown()).max(1_000).optional(),
});
export type CloudValue = z.infer<typeof Value>;

const Change = z.looseObject({ field: z.string().max(128), value: Value });

/** A whole webhook; items inside are read one by one, so that an odd one takes no other with it. */
export const CloudWebhook = z.looseObject({
  object: z.literal('whatsapp_business_account', 'this is not a webhook of a WhatsApp business account'),
  entry: z.array(z.looseObject({ changes: z.array(Change).max(1_000) })).max(1_000),
});
export type CloudWebhook = z.infer<typeof CloudWebhook>;
