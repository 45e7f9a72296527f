import { z } from 'zod';

/** What a session of the Cloud API needs to trust its webhooks; kept as ciphertext. */
export const Credentials = z.object({ phoneNumberId: z.string(), appSecret: z.string(), verifyToken: z.string() });
export type Credentials = z.infer<typeof Credentials>;
