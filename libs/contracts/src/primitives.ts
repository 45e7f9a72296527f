import { z } from 'zod';

/** Identifies any entity; random, or derived from what makes the entity unique (version 8). */
export const Id = z.uuid();

/** The organisation that operators and signing keys belong to: the installation itself, never a customer. */
export const INSTALLATION = '00000000-0000-0000-0000-000000000000';

/** An instant as ISO 8601 in UTC with milliseconds; Postgres knows no year 0. */
export const Instant = z.iso.datetime().refine((text) => !text.startsWith('0000'), 'there is no year 0');

/** Removes what Postgres cannot store (NUL) and replaces lone surrogates, which are not valid Unicode, by U+FFFD. */
export function cleanString(value: string): string {
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '') : wellFormed;
}

/** A string from outside, cleaned, of at most `max` UTF-16 units. */
export const cleanText = (max: number) => z.string().max(max).transform(cleanString);

/** A name of a thing or a person as typed by somebody: cleaned, trimmed, not empty. */
export const Label = z
  .string()
  .max(200)
  .transform((value) => cleanString(value).trim())
  .pipe(z.string().min(1));

/** Longest text WhatsApp takes in one message, in characters. */
export const MAX_OUTBOUND_TEXT = 65_536;

/** Longest inbound text that is kept; far above WhatsApp's own limit, so that an odd source loses nothing. */
export const MAX_INBOUND_TEXT = 1_000_000;

export const Direction = z.enum(['inbound', 'outbound']);
export type Direction = z.infer<typeof Direction>;

export const MessageType = z.enum([
  'text',
  'image',
  'audio',
  'voice',
  'video',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'poll',
  'unsupported',
]);
export type MessageType = z.infer<typeof MessageType>;

/** How far a message got, in rising order: a later one is never replaced by an earlier one. */
export const Ack = z.enum(['pending', 'unconfirmed', 'sent', 'failed', 'delivered', 'read', 'played']);
export type Ack = z.infer<typeof Ack>;

export const ConversationStatus = z.enum(['open', 'pending', 'resolved', 'snoozed']);
export type ConversationStatus = z.infer<typeof ConversationStatus>;

export const Driver = z.enum(['wppconnect', 'wppconnect-server', 'evolution', 'waha', 'cloud', 'sandbox']);
export type Driver = z.infer<typeof Driver>;

export const SessionState = z.enum(['stopped', 'starting', 'qr', 'syncing', 'connected', 'offline', 'conflict', 'unlinked', 'failed']);
export type SessionState = z.infer<typeof SessionState>;

export const IdentityKind = z.enum(['phone', 'lid', 'bsuid', 'username']);
export type IdentityKind = z.infer<typeof IdentityKind>;

/** One of the names WhatsApp knows a person by; a phone is digits only, with country code. */
export const Identity = z.object({ kind: IdentityKind, value: z.string().min(1).max(128) });
export type Identity = z.infer<typeof Identity>;

export const Role = z.enum(['owner', 'admin', 'supervisor', 'agent']);
export type Role = z.infer<typeof Role>;
