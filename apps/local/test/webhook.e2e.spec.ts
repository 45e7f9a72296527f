import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Ack, type Message, RealtimeEvents } from '#contracts';
import {
  analysesOf,
  type Api,
  cloudMessage,
  cloudWebhook,
  conversationsOf,
  eventually,
  type Member,
  messagesOf,
  newMember,
  ScreenClient,
  send,
  sharedSystem,
  threadOf,
} from '#testing';
import { AnswerWatch } from './answer-watch.js';
import { askDatabase } from './behind.js';

const Analysed = RealtimeEvents['message.analysed'];
const CUSTOMER = '5511987650001';

describe('a webhook of the Cloud API', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;

  const renew = async () => {
    member = await newMember(system);
    return member.api;
  };

  const messages = async (api: Api, sessionId: string, count: number): Promise<Message[]> =>
    eventually(async () => {
      const found = await messagesOf(api, sessionId);
      return found.length >= count ? found : undefined;
    }, `${count} messages`);
  const rows = async (table: 'messages' | 'contacts' | 'contact_identities' | 'leads' | 'conversations' | 'analysis') => {
    const statement = `select count(*)::int as count from ${table} where org_id = $1`;
    return (await askDatabase<{ count: number }>(system, statement, [member.organisationId]))[0]?.count;
  };

  it('with three messages, posted three times at once, makes three messages, one contact, one lead, one conversation, and tells each once', async () => {
    const api = await renew();
    const line = await api.cloud();
    const screen = await ScreenClient.open(api);
    const texts = ['Oi', 'Quanto custa o plano anual?', 'Quero contratar hoje'];
    const webhook = cloudWebhook(
      line.phoneNumberId,
      texts.map((body) => cloudMessage({ from: CUSTOMER, text: { body } })),
    );

    const answers = await Promise.all([line.post(webhook), line.post(webhook), line.post(webhook)]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await screen.until(() => screen.events('message.analysed').length >= 3);
    // a fourth message marks the end: what was doubled before it would have been told before it
    const end = cloudWebhook(line.phoneNumberId, [cloudMessage({ from: CUSTOMER, text: { body: 'Obrigado' } })]);
    await line.post(end);
    await screen.until(() => screen.events('message.analysed').length >= 4);
    const stored = await messagesOf(api, line.session.id);
    expect(stored.map(({ text }) => text)).toEqual([...texts, 'Obrigado']);
    const analysed = screen.events('message.analysed').map(({ data }) => Analysed.parse(data).analysis.messageId);
    expect(analysed.toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    expect(screen.events('message.created')).toHaveLength(4);
    expect(new Set(screen.events().map(({ cursor }) => cursor)).size).toBe(screen.events().length);
    const counts = await Promise.all([
      rows('messages'),
      rows('contacts'),
      rows('contact_identities'),
      rows('leads'),
      rows('conversations'),
      rows('analysis'),
    ]);
    expect(counts).toEqual([4, 1, 1, 1, 1, 4]);
    for (const { id } of stored) expect(await analysesOf(api, id)).toHaveLength(1);
    screen.cut();
  });

  it('makes one contact and one conversation of fifty first messages at once', async () => {
    const api = await renew();
    const line = await api.cloud();
    const posts = Array.from({ length: 50 }, (_, index) =>
      line.post(cloudWebhook(line.phoneNumberId, [cloudMessage({ text: { body: `m${index}` } })])),
    );

    expect(new Set((await Promise.all(posts)).map(({ status }) => status))).toEqual(new Set([200]));
    await messages(api, line.session.id, 50);
    expect(await Promise.all([rows('messages'), rows('contacts'), rows('leads'), rows('conversations')])).toEqual([50, 1, 1, 1]);
    const [conversation] = await conversationsOf(api, line.session.id);
    expect(conversation?.unread).toBe(50);
  });

  it('of up to three megabytes is taken, as large as Meta makes them', async () => {
    const api = await renew();
    const line = await api.cloud();
    const many = Array.from({ length: 600 }, (_, index) => cloudMessage({ text: { body: `${index} ${'x'.repeat(4_700)}` } }));
    const webhook = JSON.stringify(cloudWebhook(line.phoneNumberId, many));

    expect(webhook.length).toBeGreaterThan(2_800_000);
    expect((await line.post(webhook)).status).toBe(200);
    await messages(api, line.session.id, 600);
    expect(await rows('messages')).toBe(600);
  });

  it('is preceded by a challenge that only the right token answers', async () => {
    const api = await renew();
    const line = await api.cloud();
    const ask = (query: Record<string, string>) => send(`${system.url}/v1/webhooks/cloud?${new URLSearchParams(query).toString()}`, 'GET');
    const right = { 'hub.mode': 'subscribe', 'hub.verify_token': line.verifyToken, 'hub.challenge': '1158201444' };

    const answer = await ask(right);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('1158201444');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await ask({ ...right, 'hub.verify_token': `${line.verifyToken}x` })).status).toBe(403);
    expect((await ask({ ...right, 'hub.verify_token': line.appSecret })).status).toBe(403);
    expect((await ask({ ...right, 'hub.verify_token': '' })).status).toBe(400);
    expect((await ask({ ...right, 'hub.mode': 'unsubscribe' })).status).toBe(400);
    expect((await ask({ ...right, 'hub.challenge': '<script>alert(1)</script>' })).status).toBe(400);
    expect((await ask({})).status).toBe(400);
  });

  it('raises an ack to read whatever order its statuses come in and however often', async () => {
    const api = await renew();
    const line = await api.cloud();
    await line.post(cloudWebhook(line.phoneNumberId, [cloudMessage({ from: CUSTOMER })]));
    const [first] = await messages(api, line.session.id, 1);
    const path = `/v1/conversations/${first?.conversationId}/messages`;
    const screen = await ScreenClient.open(api);
    const reply = (await api.request('POST', path, { text: 'Custa R$ 100' })).body as Message;
    const report = (...statuses: string[]) =>
      line.post(
        cloudWebhook(line.phoneNumberId, [], {
          statuses: statuses.map((status) => ({ id: reply.providerId, status, timestamp: '1750000000' })),
        }),
      );
    const ackOf = async () => (await threadOf(api, reply.conversationId)).find(({ id }) => id === reply.id)?.ack;

    expect((await report('read')).status).toBe(200);
    await eventually(async () => ((await ackOf()) === 'read' ? true : undefined), 'the ack read');
    for (const status of ['delivered', 'sent', 'failed', 'delivered', 'read', 'sent']) expect((await report(status)).status).toBe(200);
    expect((await report('sent', 'delivered', 'read', 'delivered')).status).toBe(200);
    // one more message through the same consumers, so that all of the above has been handled
    const later = (await api.request('POST', path, { text: 'depois' })).body as Message;
    await line.post(cloudWebhook(line.phoneNumberId, [], { statuses: [{ id: later.providerId, status: 'played' }] }));
    await eventually(
      async () => ((await threadOf(api, later.conversationId)).find(({ id }) => id === later.id)?.ack === 'played' ? true : undefined),
      'the last ack',
    );
    expect(await ackOf()).toBe('read');
    const told = screen.events('message.updated').map(({ data }) => RealtimeEvents['message.updated'].parse(data));
    const rank = (ack: Ack) => ['pending', 'unconfirmed', 'sent', 'failed', 'delivered', 'read', 'played'].indexOf(ack);
    const ranks = told.filter(({ messageId }) => messageId === reply.id).map(({ ack }) => rank(ack));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    screen.cut();
  });

  it('keeps an ack that comes before its message is known, and ignores one for a message of the customer', async () => {
    const api = await renew();
    const line = await api.cloud();
    const id = `wamid.${randomUUID()}`;
    expect((await line.post(cloudWebhook(line.phoneNumberId, [], { statuses: [{ id, status: 'read' }] }))).status).toBe(200);
    expect((await line.post(cloudWebhook(line.phoneNumberId, [cloudMessage({ id })]))).status).toBe(200);

    const [message] = await messages(api, line.session.id, 1);
    expect(message).toMatchObject({ providerId: id, direction: 'inbound', ack: null });
  });

  it('goes to the organisation that signed it, when two claim the same number', async () => {
    const first = await renew();
    const second = (await newMember(system)).api;
    const number = String(Math.floor(Math.random() * 1e15));
    const [mine, theirs] = await Promise.all([first.cloud(number), second.cloud(number)]);
    const webhook = (text: string) => cloudWebhook(number, [cloudMessage({ text: { body: text } })]);

    expect((await mine.post(webhook('mine'))).status).toBe(200);
    expect((await theirs.post(webhook('theirs'))).status).toBe(200);
    const body = JSON.stringify(webhook('nobody'));
    const strange = `sha256=${createHmac('sha256', 'a third secret').update(body).digest('hex')}`;
    expect((await send(`${system.url}/v1/webhooks/cloud`, 'POST', body, { 'x-hub-signature-256': strange })).status).toBe(401);
    const [of1, of2] = await Promise.all([messages(first, mine.session.id, 1), messages(second, theirs.session.id, 1)]);
    expect([of1.map(({ text }) => text), of2.map(({ text }) => text)]).toEqual([['mine'], ['theirs']]);
  });

  it('is refused once its session is deleted', async () => {
    const api = await renew();
    const line = await api.cloud();
    expect((await line.post(cloudWebhook(line.phoneNumberId, [cloudMessage()]))).status).toBe(200);
    await messages(api, line.session.id, 1);

    expect((await api.request('DELETE', `/v1/sessions/${line.session.id}`)).status).toBe(200);
    await eventually(
      async () => ((await line.post(cloudWebhook(line.phoneNumberId, [cloudMessage()]))).status === 401 ? true : undefined),
      'the refusal',
    );
    expect((await conversationsOf(api)).map(({ sessionId }) => sessionId)).toEqual([line.session.id]);
  });
});
