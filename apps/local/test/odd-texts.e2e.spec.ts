import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Message, OrganisationSettings, RealtimeEvents, Session } from '#contracts';
import {
  analysesOf,
  type CloudLine,
  cloudMessage,
  cloudWebhook,
  conversationsOf,
  deliveriesOf,
  eventually,
  type Member,
  messagesOf,
  newMember,
  ScreenClient,
  sharedSystem,
  threadOf,
} from '#testing';
import { AnswerWatch } from './answer-watch.js';
import { Broker } from './broker.js';

const Created = RealtimeEvents['message.created'];

/** Texts that must come back byte for byte. */
const FAITHFUL: readonly [string, string][] = [
  ['right to left', 'مرحبا، كم سعر الخطة السنوية؟ \u202Eabc\u202C שלום'],
  ['emoji of many parts', '👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇧🇷 e\u0301 ñ'],
  ['beyond the first plane', '𝕳𝖊𝖑𝖑𝖔 𠜎𠜱 \u{10FFFF}'],
  ['marks upon marks', `Z${'\u0335\u0321'.repeat(200)}`],
  ['every white space', '\t\n\u000B\f\r \u00A0\u2028\u2029\uFEFF.'],
  ['control characters', Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join('')],
  ['SQL', `'; DROP TABLE messages; -- " \\ $1 $$ \${x}`],
  ['markup', '<script>alert(1)</script> &amp; {{7*7}} %s %n'],
  ['backslashes', '\\u0000 \\n \\\\ \\'],
  ['white space alone', '   '],
  ['one character', '.'],
  ['numbers', '1e999 NaN -0 0x10'],
  ['a BOM at its start', '\uFEFFOi'],
];

/** Texts that cannot be stored as they are, and what is kept of them. */
const CLEANED: readonly [string, string, string][] = [
  ['a NUL byte', 'antes\\u0000depois', 'antesdepois'],
  ['a lone high surrogate', 'a\\ud800b', 'a\uFFFDb'],
  ['a lone low surrogate', 'a\\udfffb', 'a\uFFFDb'],
  ['surrogates the wrong way round', '\\udc00\\ud800', '\uFFFD\uFFFD'],
  ['a cut emoji at its end', 'oi \\ud83d', 'oi \uFFFD'],
];

describe('a text that is odd', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;
  let sandbox: Session;
  let line: CloudLine;
  let screen: ScreenClient;

  beforeAll(async () => {
    member = await newMember(system);
    [sandbox, line, screen] = await Promise.all([member.api.sandbox(), member.api.cloud(), ScreenClient.open(member.api)]);
  });
  afterAll(async () => {
    screen?.cut();
  });

  const newPhone = () => `55119${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
  const stored = (id: string) =>
    eventually(async () => (await messagesOf(member.api, sandbox.id)).find((message) => message.id === id), `message ${id}`);
  /** Writes as a customer with a body as it is, and waits until the message is stored. */
  const write = async (json: string): Promise<Message> => {
    const answer = await member.api.request('POST', `/v1/sandbox/${sandbox.id}/messages`, `{"from":"${newPhone()}","text":${json}}`);
    expect(answer.status).toBe(202);
    return stored(z.object({ messageId: z.string() }).parse(answer.body).messageId);
  };
  /** Posts one webhook message and waits until it is stored. */
  const hook = async (json: string): Promise<Message> => {
    const id = `wamid.${randomUUID()}`;
    const webhook = JSON.stringify(cloudWebhook(line.phoneNumberId, [cloudMessage({ id, from: newPhone(), text: { body: 'TEXT' } })]));
    expect((await line.post(webhook.replace('"TEXT"', () => json))).status).toBe(200);
    return eventually(async () => (await messagesOf(member.api, line.session.id)).find(({ providerId }) => providerId === id), id);
  };
  const told = async (id: string) => {
    const find = () => screen.events('message.created').find(({ data }) => Created.parse(data).id === id);
    await screen.until(() => find() !== undefined);
    return Created.parse(find()?.data);
  };

  it.each(FAITHFUL)('is kept byte for byte, in and out: %s', async (_, text) => {
    const [inbound, hooked] = await Promise.all([write(JSON.stringify(text)), hook(JSON.stringify(text))]);
    const path = `/v1/conversations/${inbound.conversationId}/messages`;
    const outbound = await member.api.call(Message, 'POST', path, { text });

    expect([inbound.text, hooked.text, outbound.text]).toEqual([text, text, text]);
    expect((await told(inbound.id)).text).toBe(text);
    const received = await eventually(
      async () => (await deliveriesOf(member.api, sandbox.id)).find(({ id }) => id === outbound.id),
      'the delivery',
    );
    expect(received.text).toBe(text);
    expect(await eventually(async () => (await analysesOf(member.api, inbound.id))[0], 'its analysis')).toMatchObject({
      messageId: inbound.id,
    });
  });

  it.each(CLEANED)('is kept without what cannot be stored: %s', async (_, escaped, kept) => {
    const [inbound, hooked] = await Promise.all([write(`"${escaped}"`), hook(`"${escaped}"`)]);
    const path = `/v1/conversations/${inbound.conversationId}/messages`;
    const outbound = await member.api.call(Message, 'POST', path, `{"text":"${escaped}"}`);

    expect([inbound.text, hooked.text, outbound.text]).toEqual([kept, kept, kept]);
    expect((await told(inbound.id)).text).toBe(kept);
  });

  it('of bytes that are no UTF-8 is taken with replacements or refused, whole', async () => {
    const bytes = Buffer.concat([Buffer.from(`{"from":"${newPhone()}","text":"a`), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('b"}')]);
    const answer = await member.api.request('POST', `/v1/sandbox/${sandbox.id}/messages`, bytes);

    expect([202, 400]).toContain(answer.status);
    if (answer.status === 202)
      expect((await stored(z.object({ messageId: z.string() }).parse(answer.body).messageId)).text).toMatch(/^a\uFFFD+b$/);
  });

  it('of 100 kB is stored whole, and cut for the screen only, with the word that it is', async () => {
    const text = `${'Olá, bom dia! 👋 '.repeat(6_000)}fim`;
    const [inbound, hooked] = await Promise.all([write(JSON.stringify(text)), hook(JSON.stringify(text))]);
    const event = await told(inbound.id);

    expect(text.length).toBeGreaterThan(100_000);
    expect(inbound.text === text && hooked.text === text).toBe(true);
    expect(event.truncated).toBe(true);
    expect(event.text?.length).toBeLessThanOrEqual(8_192);
    expect(text.startsWith(event.text?.replace(/\uFFFD$/, '') ?? '-')).toBe(true);
  });

  it('of 100 kB is refused on its way out: WhatsApp takes 65,536 characters', async () => {
    const { conversationId } = await write('"Oi"');
    const path = `/v1/conversations/${conversationId}/messages`;

    expect((await member.api.request('POST', path, { text: 'x'.repeat(100_000) })).status).toBe(400);
    expect((await member.api.request('POST', path, { text: 'x'.repeat(65_536) })).status).toBe(201);
  });

  it('of a megabyte, many times in one thread, leaves the thread readable page by page', async () => {
    const line = await member.api.sandbox('long texts');
    const from = newPhone();
    const texts = Array.from({ length: 12 }, (_, index) => `${index} ${'x'.repeat(950_000)}`);
    for (const text of texts) {
      expect((await member.api.request('POST', `/v1/sandbox/${line.id}/messages`, { from, text })).status).toBe(202);
    }
    const conversation = await eventually(
      async () => (await conversationsOf(member.api, line.id)).find(({ unread }) => unread === 12),
      'the conversation with twelve messages',
    );
    const thread = await threadOf(member.api, conversation.id);

    expect(thread.map(({ text }) => text === texts[Number(text?.split(' ')[0])])).toEqual(Array.from({ length: 12 }, () => true));
  });

  it.each(['""', '"\\u0000"', 'null', '7', '{}', '["a"]', 'true'])('is refused when it is none: %s', async (json) => {
    const { conversationId } = await write('"Oi"');
    const inbound = await member.api.request('POST', `/v1/sandbox/${sandbox.id}/messages`, `{"from":"5511987654321","text":${json}}`);
    const outbound = await member.api.request('POST', `/v1/conversations/${conversationId}/messages`, `{"text":${json}}`);

    expect([inbound.status, outbound.status]).toEqual([400, 400]);
  });

  it.each(['', 'abc', '+5511987654321', '55 11 98765', '5511987654321\\u0000', '１２３４５６７', '1', '1'.repeat(21)])(
    'comes from no phone "%s"',
    async (from) => {
      const answer = await member.api.request('POST', `/v1/sandbox/${sandbox.id}/messages`, `{"from":"${from}","text":"x"}`);

      expect(answer.status).toBe(400);
    },
  );

  it.each([...FAITHFUL.slice(0, 4), ['with NUL and a lone surrogate', 'a\u0000\ud800b'] as const])(
    'may be a name or a setting: %s',
    async (_, text) => {
      const name = text.slice(0, 60);
      const clean = name.toWellFormed().replaceAll('\0', '').trim();
      const made = await member.api.request('POST', '/v1/sessions', { driver: 'sandbox', name });
      const settings = await member.api.request('PUT', '/v1/settings/organisation', { timezone: name });

      expect(made.status).toBe(201);
      expect(Session.parse(made.body).name).toBe(clean);
      expect(settings.status).toBe(400);
      expect((await member.api.request('GET', '/v1/settings/organisation')).status).toBe(200);
      await member.api.call(OrganisationSettings, 'PUT', '/v1/settings/organisation', {});
    },
  );

  it('is never put aside as something nobody can handle', async () => {
    expect(await Broker.ask(system, (broker) => broker.count('DEAD'))).toBe(0);
  });
});
