import { createHmac, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DiagnosticsEntry, Message } from '#contracts';
import {
  type CloudLine,
  cloudMessage,
  cloudWebhook,
  conversationsOf,
  diagnosticsOf,
  eventually,
  type Member,
  messagesOf,
  newMember,
  postWebhook,
  send,
  sharedSystem,
} from '#testing';
import { AnswerWatch } from './answer-watch.js';
import { Broker } from './broker.js';

const CANARY = 'segredo-do-cliente-77';
const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1_000);
const newPhone = () => `55119${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;

describe('a webhook that is odd', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;
  let line: CloudLine;

  beforeAll(async () => {
    member = await newMember(system);
    line = await member.api.cloud();
  });

  const hook = (messages: Record<string, unknown>[], extra?: Parameters<typeof cloudWebhook>[2]) =>
    cloudWebhook(line.phoneNumberId, messages, extra);
  const url = () => `${system.url}/v1/webhooks/cloud`;
  const sign = (body: string, secret = line.appSecret) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  /** The message with this text, once it is stored; a later one posted with it shows that nothing else is to come. */
  const stored = (providerId: string, on = line): Promise<Message> =>
    eventually(async () => (await messagesOf(member.api, on.session.id)).find((message) => message.providerId === providerId), providerId);
  const noted = (detail: RegExp): Promise<DiagnosticsEntry> =>
    eventually(async () => (await diagnosticsOf(member.api, line.session.id)).find((entry) => detail.test(entry.detail)), String(detail));

  it('is refused without a signature, with a wrong one and with one over other bytes, and nothing of it is kept', async () => {
    const text = `never ${randomUUID()}`;
    const body = JSON.stringify(hook([cloudMessage({ text: { body: text } })]));
    const right = sign(body);
    const signatures = [
      '',
      'sha256=',
      right.slice(7),
      `sha1=${right.slice(7)}`,
      right.slice(0, -1),
      `${right}0`,
      sign(body, 'another secret'),
      sign(`${body} `),
      sign(body.replace('never', 'later')),
      `sha256=${'0'.repeat(64)}`,
      `sha256=${createHmac('sha256', line.appSecret).update(body).digest('base64')}`,
      `${right}, ${right}`,
    ];
    expect((await send(url(), 'POST', body)).status).toBe(401);
    for (const signature of signatures) expect((await send(url(), 'POST', body, { 'x-hub-signature-256': signature })).status).toBe(401);
    expect((await send(url(), 'POST', `${body}\n`, { 'x-hub-signature-256': right })).status).toBe(401);

    expect((await send(url(), 'POST', body, { 'x-hub-signature-256': right.toUpperCase().replace('SHA256', 'sha256') })).status).toBe(200);
    await eventually(async () => {
      const found = (await messagesOf(member.api, line.session.id)).filter((message) => message.text === text);
      return found.length === 1 ? found : undefined;
    }, 'the one that was signed');
  });

  it('is refused for a number nobody made a session for, a secret of another session, and no number at all', async () => {
    const stranger = await member.api.cloud();
    const other = cloudWebhook('999999999999', [cloudMessage()]);
    const none = { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value: {} }] }] };

    expect((await postWebhook(system.url, other, line.appSecret)).status).toBe(401);
    expect((await postWebhook(system.url, hook([cloudMessage()]), stranger.appSecret)).status).toBe(401);
    expect((await postWebhook(system.url, none, line.appSecret)).status).toBe(401);
    expect((await postWebhook(system.url, { object: 'whatsapp_business_account', entry: [] }, line.appSecret)).status).toBe(401);
  });

  it.each([
    ['not JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['of another product', '{"object":"page","entry":[]}'],
    ['without entries', '{"object":"whatsapp_business_account"}'],
    ['entries of text', '{"object":"whatsapp_business_account","entry":"x"}'],
    [
      '1,001 entries',
      JSON.stringify({ object: 'whatsapp_business_account', entry: Array.from({ length: 1_001 }, () => ({ changes: [] })) }),
    ],
    ['with __proto__', '{"object":"whatsapp_business_account","entry":[],"__proto__":{"x":1}}'],
    ['10,000 levels deep', `{"object":"whatsapp_business_account","entry":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ])('is refused with a 400 when it is no webhook: %s', async (_, body) => {
    expect((await postWebhook(system.url, body, line.appSecret)).status).toBe(400);
  });

  it('may have fields nobody here knows, at every level', async () => {
    const id = `wamid.${randomUUID()}`;
    const message = cloudMessage({ id, novelty: { deep: [1, { constructor: 'x' }] }, text: { body: 'Oi', style: 'bold' } });
    const webhook = {
      ...hook([message], { contacts: [{ wa_id: '5511987650001', profile: { name: 'Ana', avatar: null }, rank: 1 }] }),
      era: 2,
    };

    expect((await line.post(webhook)).status).toBe(200);
    expect(await stored(id)).toMatchObject({ text: 'Oi', type: 'text' });
  });

  it.each([
    ['a field of another kind', () => hook([], { field: 'message_template_status_update' }), /field "message_template_status_update"/],
    ['a field with a text in its name', () => hook([], { field: `x<${CANARY}>` }), /field "x\?segredo/],
    ['an unknown status', () => hook([], { statuses: [{ id: 'wamid.1', status: 'warned', text: CANARY }] }), /status "warned"/],
    ['a status that is none', () => hook([], { statuses: [7] }), /not readable/],
    ['a message that is none', () => hook([{ id: 5, text: { body: CANARY } }]), /not readable at id/],
    ['a message without an id', () => hook([cloudMessage({ id: undefined, text: { body: CANARY } })]), /not readable at id/],
    [
      'a message with an id of 300 characters',
      () => hook([cloudMessage({ id: 'x'.repeat(300), text: { body: CANARY } })]),
      /not readable at id/,
    ],
    ['a text that is a list', () => hook([cloudMessage({ text: { body: [CANARY] } })]), /not readable at text.body/],
    ['a message without a sender', () => hook([cloudMessage({ from: undefined, text: { body: CANARY } })]), /names no sender/],
    ['an edit', () => hook([cloudMessage({ type: 'edit', text: { body: CANARY } })]), /type "edit"/],
  ])('is taken and noted, without its content: %s', async (_, webhook, detail) => {
    expect((await line.post(webhook())).status).toBe(200);

    const entry = await noted(detail);
    expect(entry.detail.replace(/^field .*/, '')).not.toContain(CANARY);
  });

  it('does not take its good items with it when one is bad', async () => {
    const ids = [randomUUID(), randomUUID()];
    const phone = newPhone();
    const good = ids.map((id) => cloudMessage({ id, from: phone }));

    expect(
      (await line.post(hook([good[0] ?? {}, { nothing: true }, good[1] ?? {}], { statuses: [null, { id: 'x', status: 'read' }] }))).status,
    ).toBe(200);
    await Promise.all(ids.map((id) => stored(id)));
  });

  it.each(['order', 'nfm_reply', 'constructor', '__proto__', '💥', ''])(
    'stores a message of an unknown type as unsupported: "%s"',
    async (type) => {
      const id = `wamid.${randomUUID()}`;

      expect((await line.post(hook([cloudMessage({ id, type, text: undefined, unknown: { body: 'y' } })]))).status).toBe(200);
      expect(await stored(id)).toMatchObject({ type: 'unsupported', text: null });
    },
  );

  it('stores an empty text, a missing one and none', async () => {
    const ids = [randomUUID(), randomUUID()];
    const messages = [cloudMessage({ id: ids[0], text: { body: '' } }), cloudMessage({ id: ids[1], text: undefined })];

    expect((await line.post(hook(messages))).status).toBe(200);
    const both = await Promise.all(ids.map((id) => stored(id)));
    expect(both.map(({ text, type }) => ({ text, type }))).toEqual([
      { text: '', type: 'text' },
      { text: '', type: 'text' },
    ]);
  });

  it.each([
    ['of 1970', '0', 'implausible'],
    ['of 1970 as a number', 1, 'implausible'],
    ['before 1970', '-1', 'implausible'],
    ['of 2100', '4102444800', 'implausible'],
    ['in milliseconds', String(Date.now()), 'implausible'],
    ['beyond every calendar', '999999999999999', 'implausible'],
    ['beyond every number', 1e300, 'implausible'],
    ['that is no number', 'yesterday', 'implausible'],
    ['that is empty', '', 'implausible'],
    ['with a fraction', '1.5', 'implausible'],
    ['that is missing', undefined, 'missing'],
  ])('files a message with a time %s under the time it came, and says so', async (_, timestamp, timeFlag) => {
    const id = `wamid.${randomUUID()}`;
    const before = Date.now();

    expect((await line.post(hook([cloudMessage({ id, timestamp })]))).status).toBe(200);
    const message = await stored(id);
    expect(message.timeFlag).toBe(timeFlag);
    expect(Date.parse(message.timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(message.timestamp)).toBeLessThanOrEqual(Date.now());
  });

  it('files a message under a time that can be, late or a little early', async () => {
    const times = [now() - 400 * DAY, now() + 3_600];
    const ids = times.map(() => `wamid.${randomUUID()}`);
    const messages = times.map((time, index) => cloudMessage({ id: ids[index], timestamp: String(time) }));

    expect((await line.post(hook(messages))).status).toBe(200);
    const both = await Promise.all(ids.map((id) => stored(id)));
    expect(both.map(({ timestamp, timeFlag }) => [Date.parse(timestamp) / 1_000, timeFlag])).toEqual(times.map((time) => [time, null]));
  });

  it.each([
    ['line breaks', 'wamid.a\r\nNats-Rollup: all\r\n\r\n'],
    ['spaces and stars', 'wamid. > * .$JS'],
    ['emoji', 'wamid.💬'],
    ['a lone surrogate', 'wamid.\ud800'],
    ['a NUL byte', 'wamid.\0x'],
    ['256 characters', 'w'.repeat(256)],
    ['a path', '../../etc/passwd'],
    ['__proto__', '__proto__'],
  ])('stores a message once whose id has %s', async (_, id) => {
    const own = await member.api.cloud();
    const webhook = cloudWebhook(own.phoneNumberId, [cloudMessage({ id })]);
    const answers = await Promise.all([own.post(webhook), own.post(webhook)]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await eventually(async () => ((await messagesOf(member.api, own.session.id)).length > 0 ? true : undefined), 'the message');
    // a second one behind it, through the same consumers: a double would have come before
    await own.post(cloudWebhook(own.phoneNumberId, [cloudMessage({ text: { body: 'the end' } })]));
    const all = await eventually(async () => {
      const found = await messagesOf(member.api, own.session.id);
      return found.some(({ text }) => text === 'the end') ? found : undefined;
    }, 'the second message');
    expect(all).toHaveLength(2);
  });

  it.each([
    ['an id', { id: '\0' }],
    ['a user id', { from: undefined, from_user_id: '\0' }],
    ['an id of a quoted message', { id: 'quoting', context: { id: '\0' } }],
  ])('is never lost to a part of NUL bytes: %s', async (_, part) => {
    const own = await member.api.cloud();

    expect((await own.post(cloudWebhook(own.phoneNumberId, [cloudMessage(part)], { contacts: [] }))).status).toBe(200);
    await eventually(
      async () => {
        const [messages, entries] = await Promise.all([messagesOf(member.api, own.session.id), diagnosticsOf(member.api, own.session.id)]);
        return messages.length + entries.length > 0 ? true : undefined;
      },
      'a message or a note of it',
      4_000,
    );
  });

  it('takes names of any kind and any length', async () => {
    const names = ['', ' ', 'N'.repeat(2_000), `${'x'.repeat(199)}😀`, 'a\0b', '\ud800', 'شركة'];
    const phones = names.map(() => newPhone());
    const contacts = names.map((name, index) => ({ wa_id: phones[index], profile: { name } }));
    const ids = names.map(() => `wamid.${randomUUID()}`);
    const messages = phones.map((from, index) => cloudMessage({ id: ids[index], from }));

    expect((await line.post(hook(messages, { contacts }))).status).toBe(200);
    await Promise.all(ids.map((id) => stored(id)));
    const found = (await conversationsOf(member.api, line.session.id)).filter(({ customerPhone }) => phones.includes(customerPhone ?? ''));
    expect(found).toHaveLength(names.length);
  });

  it('of a thousand messages is stored whole', async () => {
    const own = await member.api.cloud();
    const messages = Array.from({ length: 1_000 }, (_, index) =>
      cloudMessage({ from: `55119${index % 20}0000000`, text: { body: `m${index}` } }),
    );

    expect((await own.post(cloudWebhook(own.phoneNumberId, messages))).status).toBe(200);
    const all = await eventually(async () => {
      const found = await messagesOf(member.api, own.session.id);
      return found.length >= 1_000 ? found : undefined;
    }, 'a thousand messages');
    expect(new Set(all.map(({ text }) => text)).size).toBe(1_000);
    expect(all).toHaveLength(1_000);
  });

  it('is never put aside as something nobody can handle', async () => {
    expect(await Broker.ask(system, (broker) => broker.count('DEAD'))).toBe(0);
  });
});
