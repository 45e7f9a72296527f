import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { Message, Session } from '#contracts';
import { conversationsOf, deliveriesOf, eventually, type Member, messagesOf, newMember, sharedSystem } from '#testing';
import { AnswerWatch } from './answer-watch.js';

describe('an Idempotency-Key', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;
  let session: Session;
  let conversationId: string;

  beforeAll(async () => {
    member = await newMember(system);
    session = await member.api.sandbox();
    await write('Oi', randomUUID());
    conversationId = await eventually(async () => (await conversationsOf(member.api, session.id))[0]?.id, 'a conversation');
  });

  const write = (text: string, key: string) =>
    member.api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: '5511987654321', text }, { 'idempotency-key': key });
  const reply = (text: string, key: string) =>
    member.api.request('POST', `/v1/conversations/${conversationId}/messages`, { text }, { 'idempotency-key': key });

  it.each([
    ['with spaces', 'a b'],
    ['of 300 characters', 'k'.repeat(300)],
    ['that is empty', ''],
    ['beyond ASCII', 'ch\u00e3ve'],
    ['of a tab', 'a\tb'],
  ])('is refused %s', async (_, key) => {
    expect((await reply('x', key)).status).toBe(400);
    expect((await write('x', key)).status).toBe(400);
    expect((await member.api.request('POST', '/v1/sessions', { driver: 'sandbox', name: 'x' }, { 'idempotency-key': key })).status).toBe(
      400,
    );
  });

  it.each([
    ['of 255 characters', 'k'.repeat(255)],
    ['of signs', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
    ['of dots and stars', '*.>.$JS'],
    ['named __proto__', '__proto__'],
  ])('does its work %s', async (_, key) => {
    const first = await reply(`once ${key.slice(0, 40)}`, key);
    const again = await reply(`once ${key.slice(0, 40)}`, key);

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
  });

  it('used ten times at once makes one message and ten same answers', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reply('ten times at once', key)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const [first] = answers;
    for (const answer of answers) expect(answer.body).toEqual(first?.body);
    const { id } = Message.parse(first?.body);
    const stored = (await messagesOf(member.api, session.id)).filter((message) => message.text === 'ten times at once');
    expect(stored.map((message) => message.id)).toEqual([id]);
    const received = await eventually(async () => {
      const found = (await deliveriesOf(member.api, session.id)).filter(({ text }) => text === 'ten times at once');
      return found.length > 0 ? found : undefined;
    }, 'the delivery');
    expect(received.map((delivery) => delivery.id)).toEqual([id]);
  });

  it('with another body is refused, at once and later, and changes nothing', async () => {
    const key = randomUUID();
    const first = await reply('the first body', key);
    const other = await reply('another body', key);
    const elsewhere = await member.api.request('POST', `/v1/conversations/${conversationId}/read`, undefined, { 'idempotency-key': key });
    const again = await reply('the first body', key);

    expect([first.status, other.status, again.status]).toEqual([201, 422, 201]);
    expect(again.body).toEqual(first.body);
    // another kind of request under the same key is another command; it is carried out or refused, never mixed up
    expect([200, 422]).toContain(elsewhere.status);
    const texts = (await messagesOf(member.api, session.id)).map((message) => message.text);
    expect(texts).toContain('the first body');
    expect(texts).not.toContain('another body');
  });

  it('with another body at the same time lets exactly one through', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => reply(`rival ${index % 2}`, key)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 422]));
    const rivals = (await messagesOf(member.api, session.id)).filter((message) => message.text?.startsWith('rival'));
    expect(rivals).toHaveLength(1);
  });

  it('makes one session and one customer message of a repeated request', async () => {
    const key = randomUUID();
    const body = { driver: 'sandbox', name: 'once' };
    const sessions = await Promise.all(
      Array.from({ length: 5 }, () => member.api.request('POST', '/v1/sessions', body, { 'idempotency-key': key })),
    );
    const written = await Promise.all(Array.from({ length: 5 }, () => write('said five times', key)));

    expect(new Set(sessions.map(({ body: made }) => Session.parse(made).id)).size).toBe(1);
    expect(new Set(written.map(({ body: made }) => JSON.stringify(made))).size).toBe(1);
    await eventually(async () => {
      const found = (await messagesOf(member.api, session.id)).filter((message) => message.text === 'said five times');
      return found.length === 1 ? found : undefined;
    }, 'the message, once');
  });

  it('means nothing to another client', async () => {
    const key = randomUUID();
    const other = await newMember(system);
    const body = { driver: 'sandbox', name: 'mine' };
    const mine = await member.api.request('POST', '/v1/sessions', body, { 'idempotency-key': key });
    const theirs = await other.api.request('POST', '/v1/sessions', { ...body, name: 'theirs' }, { 'idempotency-key': key });

    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(Session.parse(theirs.body).name).toBe('theirs');
    expect(Session.parse(theirs.body).id).not.toBe(Session.parse(mine.body).id);
  });

  it('answers a refused command the same way again', async () => {
    const key = randomUUID();
    const path = `/v1/sessions/${randomUUID()}`;
    const first = await member.api.request('DELETE', path, undefined, { 'idempotency-key': key });
    const again = await member.api.request('DELETE', path, undefined, { 'idempotency-key': key });

    expect([first.status, again.status]).toEqual([404, 404]);
  });
});
