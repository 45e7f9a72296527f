import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageAcked, MessageReceived, SessionOddity } from '#contracts';
import { OrganisationKeys } from '#crypto';
import { cloudMessage, cloudWebhook } from '#testing';
import { toReceived } from '../received.js';
import { type CloudWebhook, CloudWebhook as Webhook } from './payload.js';
import { type CloudItem, toCloudItems } from './to-event.js';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const SESSION = '8f14e45f-ceea-467f-a8d1-0123456789ab';
const keys = new OrganisationKeys('00000000-0000-0000-0000-000000000001', new Map([[1, Buffer.alloc(32, 7)]]));

const itemsOf = (webhook: CloudWebhook): CloudItem[] =>
  webhook.entry.flatMap(({ changes }) => changes.flatMap(({ field, value }) => toCloudItems(field, value, NOW)));
const only = (message: Record<string, unknown>, extra?: Parameters<typeof cloudWebhook>[2]) =>
  itemsOf(Webhook.parse(cloudWebhook('123', [message], extra)))[0];
const heard = (message: Record<string, unknown>, extra?: Parameters<typeof cloudWebhook>[2]) => {
  const item = only(message, extra);
  if (item?.kind !== 'message') throw new Error(`not a message: ${JSON.stringify(item)}`);
  return item.heard;
};
/** Throws when the event would be poison to whoever consumes it. */
const asEvent = (item: CloudItem) => {
  const at = new Date(NOW).toISOString();
  switch (item.kind) {
    case 'message':
      return MessageReceived.schema.parse(toReceived(keys, SESSION, item.heard).data);
    case 'ack':
      return MessageAcked.schema.parse({ sessionId: SESSION, providerId: item.providerId, ack: item.ack, at });
    case 'oddity':
      return SessionOddity.schema.parse({ sessionId: SESSION, what: item.what, detail: item.detail, at });
  }
};

/** Every text in a value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A message with the fields that count and anything in them, some of it right. */
const anyMessage = fc.record(
  {
    id: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('\0', 'wamid.1', ''), fc.jsonValue()),
    from: fc.oneof(fc.string(), fc.constantFrom('5511987650001', '+5511987650001'), fc.jsonValue()),
    from_user_id: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\0')),
    timestamp: fc.oneof(fc.string(), fc.double(), fc.integer().map(String), fc.jsonValue()),
    type: fc.oneof(fc.constantFrom('text', 'image', 'edit', 'audio', 'interactive', 'order'), fc.string({ unit: 'binary', maxLength: 80 })),
    text: fc.oneof(fc.record({ body: fc.string({ unit: 'binary' }) }), fc.jsonValue()),
    image: fc.oneof(fc.record({ caption: fc.string() }), fc.jsonValue()),
    audio: fc.oneof(fc.record({ voice: fc.boolean() }), fc.jsonValue()),
    context: fc.oneof(fc.record({ id: fc.string({ unit: 'binary', maxLength: 300 }) }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

describe(toCloudItems, () => {
  it('makes something of every webhook there can be, and never an event that nobody can read', () => {
    const contacts = fc.array(
      fc.oneof(fc.jsonValue(), fc.record({ wa_id: fc.string(), profile: fc.record({ name: fc.string({ unit: 'binary' }) }) })),
    );
    const value = fc.record(
      {
        metadata: fc.constant({ phone_number_id: '123' }),
        contacts,
        messages: fc.array(fc.oneof(anyMessage, fc.jsonValue())),
        statuses: fc.array(
          fc.oneof(fc.jsonValue(), fc.record({ id: fc.string({ unit: 'binary' }), status: fc.constantFrom('read', 'failed', 'warned') })),
        ),
      },
      { requiredKeys: [] },
    );
    const change = fc.record({ field: fc.oneof(fc.constant('messages'), fc.string({ maxLength: 128 })), value });

    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
        const webhook = Webhook.safeParse({ object: 'whatsapp_business_account', entry: [{ changes }] });
        const items = itemsOf(webhook.data ?? { object: 'whatsapp_business_account', entry: [] });

        // what Postgres cannot store would be poison too
        for (const text of items.map(asEvent).flatMap(textsIn)) expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
        const wanted = changes.flatMap(({ field, value }) =>
          field === 'messages' ? [...(value.messages ?? []), ...(value.statuses ?? [])] : [field],
        );
        if (webhook.success) expect(items).toHaveLength(wanted.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a text', { text: { body: 'Oi' } }, 'text', 'Oi'],
    ['a text without a body', { text: undefined }, 'text', ''],
    ['a button', { type: 'button', text: undefined, button: { text: 'Sim' } }, 'text', 'Sim'],
    ['a reply button', { type: 'interactive', text: undefined, interactive: { button_reply: { title: 'Sim' } } }, 'text', 'Sim'],
    ['a list row', { type: 'interactive', text: undefined, interactive: { list_reply: { title: 'Plano anual' } } }, 'text', 'Plano anual'],
    ['a picture with words', { type: 'image', text: undefined, image: { caption: 'este' } }, 'image', 'este'],
    ['a voice message', { type: 'audio', text: undefined, audio: { voice: true } }, 'voice', null],
    ['a sound', { type: 'audio', text: undefined, audio: { voice: false } }, 'audio', null],
    ['what nobody knows', { type: 'hologram', text: undefined }, 'unsupported', null],
    ['no type at all', { type: undefined, text: undefined }, 'unsupported', null],
  ])('hears %s', (_, message, type, text) => {
    expect(heard(cloudMessage(message))).toMatchObject({ type, text });
  });

  it.each([
    ['1750000000', '2025-06-15T15:06:40.000Z', null],
    [1_750_000_000, '2025-06-15T15:06:40.000Z', null],
    ['0', new Date(NOW).toISOString(), 'implausible'],
    ['4102444800', new Date(NOW).toISOString(), 'implausible'],
    ['yesterday', new Date(NOW).toISOString(), 'implausible'],
    [1e300, new Date(NOW).toISOString(), 'implausible'],
    [undefined, new Date(NOW).toISOString(), 'missing'],
  ])('files a message of %s under %s', (timestamp, filed, timeFlag) => {
    expect(heard(cloudMessage({ timestamp }))).toMatchObject({ timestamp: filed, timeFlag });
  });

  it('knows the writer by phone, by user id, or by both', () => {
    const both = heard(cloudMessage({ from: '+5511987650001', from_user_id: 'BR.1' }));
    const byContact = heard(cloudMessage(), { contacts: [{ wa_id: '5511987650001', user_id: 'BR.2', profile: { name: ' Ana ' } }] });
    const byId = heard(cloudMessage({ from: undefined, from_user_id: 'BR.3' }), {
      contacts: [{ user_id: 'BR.3', profile: { name: 'Bia' } }],
    });

    expect(both).toMatchObject({ from: { kind: 'phone', value: '5511987650001' }, alsoKnownAs: [{ kind: 'bsuid', value: 'BR.1' }] });
    expect(byContact).toMatchObject({ name: 'Ana', alsoKnownAs: [{ kind: 'bsuid', value: 'BR.2' }] });
    expect(byId).toMatchObject({ name: 'Bia', from: { kind: 'bsuid', value: 'BR.3' }, alsoKnownAs: [] });
  });

  it('says of an oddity where it is odd, and nothing of what it holds', () => {
    const secret = 'meu cpf é 123';
    const oddities = [
      only(cloudMessage({ id: 7, text: { body: secret } })),
      only(cloudMessage({ text: { body: [secret] } })),
      only(cloudMessage({ from: secret })),
    ];

    expect(oddities).toEqual([
      { kind: 'oddity', what: 'webhook message', detail: 'not readable at id' },
      { kind: 'oddity', what: 'webhook message', detail: 'not readable at text.body' },
      { kind: 'oddity', what: 'webhook message', detail: 'names no sender' },
    ]);
  });
});
