import { z } from 'zod';

/** A time zone as the IANA database names it. */
const TimeZone = z.string().max(64).refine(isTimeZone, 'the name of a time zone, as America/Sao_Paulo');

/** Settings of an organisation; every key has a default, so an organisation without a row has these. */
export const OrganisationSettings = z.strictObject({
  /** the language suggestions fall back to when a message's own language is not certain */
  language: z.enum(['pt', 'en', 'es']).default('pt'),
  timezone: TimeZone.default('America/Sao_Paulo'),
  /** whether inbound messages are analysed at all */
  analysis: z.boolean().default(true),
});
export type OrganisationSettings = z.infer<typeof OrganisationSettings>;

/** Asking Intl costs a fifth of a millisecond, and settings are parsed whenever they are read. */
const KNOWN_ZONES = new Set<string>();

function isTimeZone(name: string): boolean {
  if (KNOWN_ZONES.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    if (KNOWN_ZONES.size < 1_000) KNOWN_ZONES.add(name);
    return true;
  } catch {
    return false; // RangeError is how Intl says that it knows no such zone
  }
}
