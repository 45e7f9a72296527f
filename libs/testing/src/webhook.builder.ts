import { randomUUID } from 'node:crypto';

/** One text message as the Cloud API sends it; everything can be overridden, `undefined` leaves a field out. */
export function cloudMessage(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  const message = {
    from: '5511987650001',
    id: `wamid.${randomUUID()}`,
    timestamp: String(Math.floor(Date.now() / 1_000)),
    type: 'text',
    text: { body: 'Oi, quanto custa o plano anual?' },
  };
  return Object.fromEntries(Object.entries({ ...message, ...overrides }).filter(([, value]) => value !== undefined));
}

/** A Cloud API webhook for one phone number. */
export function cloudWebhook(
  phoneNumberId: string,
  messages: readonly Record<string, unknown>[],
  extra: { contacts?: unknown[]; statuses?: unknown[]; field?: string } = {},
): Record<string, unknown> {
  const senders = [...new Set(messages.flatMap((message) => (typeof message['from'] === 'string' ? [message['from']] : [])))];
  const contacts = extra.contacts ?? senders.map((wa_id) => ({ profile: { name: `Cliente ${wa_id.slice(-4)}` }, wa_id }));
  const metadata = { display_phone_number: '5511900000000', phone_number_id: phoneNumberId };
  const value = {
    messaging_product: 'whatsapp',
    metadata,
    contacts,
    ...(messages.length > 0 ? { messages } : {}),
    ...(extra.statuses ? { statuses: extra.statuses } : {}),
  };
  return { object: 'whatsapp_business_account', entry: [{ id: '10000', changes: [{ value, field: extra.field ?? 'messages' }] }] };
}
