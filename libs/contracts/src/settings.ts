import { z } from 'zod';

/** Settings of an organisation; every key has a default, so an organisation without a row has these. */
export const OrganisationSettings = z.strictObject({
  /** the language suggestions fall back to when a message's own language is not certain */
  language: z.enum(['pt', 'en', 'es']).default('pt'),
  timezone: z.string().max(64).default('America/Sao_Paulo'),
  /** whether inbound messages are analysed at all */
  analysis: z.boolean().default(true),
});
export type OrganisationSettings = z.infer<typeof OrganisationSettings>;
