import { type Ack, cleanString, type Identity, MAX_INBOUND_TEXT, MessageType } from '#contracts';
import { type Heard, plausibleTime } from '../received.js';
import { CloudContact, CloudMessage, CloudStatus, type CloudValue } from './payload.js';

/** What a webhook says, in our words. An oddity is valid and means nothing to us: it is recorded without its content. */
export type CloudItem =
  | { readonly kind: 'message'; readonly heard: Heard }
  | { readonly kind: 'ack'; readonly providerId: string; readonly ack: Ack }
  | { readonly kind: 'oddity'; readonly what: string; readonly detail: string };

const ACKS: Readonly<Record<string, Ack>> = { sent: 'sent', delivered: 'delivered', read: 'read', played: 'played', failed: 'failed' };
/** Kinds that change another message instead of being one; they are not carried yet. */
const NOT_A_MESSAGE = new Set(['edit', 'revoke', 'system', 'request_welcome']);

/** Reads one change of a Cloud API webhook; `now` in milliseconds since 1970. */
export function toCloudItems(field: string, value: CloudValue, now: number): CloudItem[] {
  if (field !== 'messages') return [{ kind: 'oddity', what: 'webhook field', detail: `field "${word(field)}" is not handled` }];
  const contacts = (value.contacts ?? []).flatMap((contact) => {
    const parsed = CloudContact.safeParse(contact);
    return parsed.success ? [parsed.data] : [];
  });
  return [...(value.messages ?? []).map((message) => toMessage(message, contacts, now)), ...(value.statuses ?? []).map(toAck)];
}

function toMessage(raw: unknown, contacts: readonly CloudContact[], now: number): CloudItem {
  const parsed = CloudMessage.safeParse(raw);
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return { kind: 'oddity', what: 'webhook message', detail: `not readable at ${word(places)}` };
  }
  const message = parsed.data;
  if (message.type !== undefined && NOT_A_MESSAGE.has(message.type)) {
    return { kind: 'oddity', what: 'webhook message', detail: `type "${word(message.type)}" is not handled` };
  }
  const [from, ...alsoKnownAs] = identitiesOf(message, contacts);
  if (!from) return { kind: 'oddity', what: 'webhook message', detail: 'names no sender' };
  const contact = contacts.find((one) => one.wa_id === message.from) ?? contacts.find((one) => one.user_id === message.from_user_id);
  const { type, text } = contentOf(message);
  return {
    kind: 'message',
    heard: {
      driver: 'cloud',
      providerId: message.id,
      from,
      alsoKnownAs: alsoKnownAs.slice(0, 4),
      name: nameOf(contact),
      type,
      providerType: type === 'unsupported' ? cleanString(message.type ?? 'none') : null,
      text: text === null ? null : cleanString(text).slice(0, MAX_INBOUND_TEXT),
      ...plausibleTime(milliseconds(message.timestamp), now),
      quotedProviderId: message.context?.id || null,
    },
  };
}

function identitiesOf(message: CloudMessage, contacts: readonly CloudContact[]): Identity[] {
  const contact = contacts.find((one) => one.wa_id !== undefined && one.wa_id === message.from);
  const userId = message.from_user_id ?? contact?.user_id;
  const digits = message.from?.replace(/^\+/, '');
  return [
    ...(digits && /^[0-9]{1,32}$/.test(digits) ? [{ kind: 'phone' as const, value: digits }] : []),
    ...(userId ? [{ kind: 'bsuid' as const, value: userId }] : []),
  ];
}

function contentOf(message: CloudMessage): { type: MessageType; text: string | null } {
  const reply = message.button?.text ?? message.interactive?.button_reply?.title ?? message.interactive?.list_reply?.title;
  if (reply !== undefined) return { type: 'text', text: reply };
  if (message.type === 'text') return { type: 'text', text: message.text?.body ?? '' };
  if (message.type === 'audio' && message.audio?.voice === true) return { type: 'voice', text: null };
  const known = MessageType.safeParse(message.type);
  if (!known.success) return { type: 'unsupported', text: null };
  const media = message.image ?? message.video ?? message.document;
  return { type: known.data, text: media?.caption ?? null };
}

function toAck(raw: unknown): CloudItem {
  const status = CloudStatus.safeParse(raw);
  if (!status.success) return { kind: 'oddity', what: 'webhook status', detail: 'not readable' };
  const ack = ACKS[status.data.status];
  if (ack === undefined) return { kind: 'oddity', what: 'webhook status', detail: `status "${word(status.data.status)}" is not handled` };
  return { kind: 'ack', providerId: status.data.id, ack };
}

function nameOf(contact: CloudContact | undefined): string | null {
  const name = cleanString(contact?.profile?.name ?? '').trim();
  return name === '' ? null : name.slice(0, 200).toWellFormed();
}

function milliseconds(timestamp: string | number | undefined): number | null {
  if (timestamp === undefined) return null;
  const seconds = typeof timestamp === 'number' ? timestamp : /^-?[0-9]{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  const value = seconds * 1_000;
  return Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? value : Number.MAX_SAFE_INTEGER;
}

/** A provider's word as it may stand in diagnostics: short, harmless, never content. */
function word(value: string): string {
  return value.replaceAll(/[^A-Za-z0-9_.,: -]/g, '?').slice(0, 80);
}
