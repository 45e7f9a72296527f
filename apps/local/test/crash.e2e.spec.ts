import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Message, RealtimeEvents } from '#contracts';
import {
  analysesOf,
  type Answer,
  cloudMessage,
  cloudWebhook,
  type CloudLine,
  conversationsOf,
  deliveriesOf,
  eventually,
  type Member,
  newMember,
  ScreenClient,
  startSystem,
  type System,
  threadOf,
} from '#testing';
import { askDatabase } from './behind.js';
import { Broker } from './broker.js';
import { endProcessesOf } from './processes.js';

const SEED = Number(process.env['ALRA_TEST_SEED'] ?? Math.floor(Math.random() * 1e9));
const HOOK = new URL('crash-on-publish.mjs', import.meta.url).href;
const CRASH_AT = 7;
const CUSTOMERS = ['5511987650001', '5511987650002', '5511987650003', '5511987650004', '5511987650005'];

/** mulberry32: a whole number below `end`, the same ones for the same seed. */
function randomness(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
}

/** Asks again until it is answered, as Meta and every careful client do. */
async function untilAnswered(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    await sleep(50);
  }
}

/** Looks more often than anything here takes, so that a kill comes in the middle of it. */
async function until(condition: () => boolean): Promise<void> {
  if (condition()) return;
  await sleep(1);
  await until(condition);
}

/** Does every job, some at a time, as many connections would. */
async function inLanes<T>(lanes: number, jobs: readonly T[], work: (job: T) => Promise<void>): Promise<void> {
  const left = [...jobs];
  const lane = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

interface Sent {
  readonly from: string;
  readonly text: string;
  readonly webhook: unknown;
}

function messagesTo(line: CloudLine, count: number, label: string): Sent[] {
  return Array.from({ length: count }, (_, index) => {
    const from = CUSTOMERS[index % CUSTOMERS.length] ?? '';
    const text = `${label} ${index}: quanto custa?`;
    return { from, text, webhook: cloudWebhook(line.phoneNumberId, [cloudMessage({ from, text: { body: text } })]) };
  });
}

const textsOf = (some: readonly { text: string | null }[]): string[] => some.map(({ text }) => text ?? '').toSorted();

/** Every sent message is in its customer's one thread once, and was understood once. */
async function expectEachOnce(
  system: System,
  { api, organisationId }: Member,
  sessionId: string,
  sent: readonly Sent[],
): Promise<Message[]> {
  const conversations = await conversationsOf(api, sessionId);
  const threads = await Promise.all(conversations.map(({ id }) => threadOf(api, id)));
  const wanted = [...Map.groupBy(sent, ({ from }) => from).values()].map((some) => textsOf(some));
  const found = threads.map((thread) => textsOf(thread));
  expect(new Set(found)).toEqual(new Set(wanted));
  expect(found).toHaveLength(wanted.length);
  const messages = threads.flat();
  const analyses = await Promise.all(messages.map(({ id }) => analysesOf(api, id)));
  expect(analyses.map((some) => some.length)).toEqual(messages.map(() => 1));
  // behind the lists, where what they leave out would show
  const rows = (table: string) =>
    askDatabase<{ count: number }>(system, `select count(*)::int as count from ${table} where org_id = $1`, [organisationId]);
  const tables = await Promise.all(['messages', 'analysis', 'conversations', 'contacts'].map(rows));
  expect(tables.flat().map(({ count }) => count)).toEqual([sent.length, sent.length, wanted.length, wanted.length]);
  return messages;
}

const createdOn = (screen: ScreenClient) =>
  screen.events('message.created').map(({ data }) => RealtimeEvents['message.created'].parse(data).id);

describe(`kill -9 (ALRA_TEST_SEED=${SEED})`, () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system?.stop();
    endProcessesOf(system?.dataDir);
    await system?.remove();
  });

  it.each([
    ['between the commit and the publish', 'before'],
    ['between the publish and the ack', 'after'],
  ])('%s loses nothing and doubles nothing', async (_, place) => {
    await system.kill();
    system = await system.restart({ nodeArguments: ['--import', HOOK], env: { CRASH_PLACE: place, CRASH_AT: String(CRASH_AT) } });
    const member = await newMember(system);
    const { api } = member;
    const line = await api.cloud();
    const screen = await ScreenClient.open(api);
    const sent = messagesTo(line, 30, place);
    const answered: string[] = [];
    const traffic = inLanes(3, sent, async ({ text, webhook }) => {
      expect((await untilAnswered(() => line.post(webhook))).status).toBe(200);
      answered.push(text);
    });

    expect(await system.ended).toBe('SIGKILL');
    const answeredBefore = answered.length;
    const [left] = await askDatabase<{ rows: number }>(system, 'select count(*)::int as rows from messages');
    const [told, held] = await Broker.ask(system, async (broker) => [
      await broker.count('FACTS', 'facts.message.stored.>'),
      await broker.unacknowledged('INBOX', 'message-message-received'),
    ]);
    system = await system.restart();
    const back = await ScreenClient.open(api, screen.cursor);
    await traffic;
    await Broker.ask(system, (broker) => broker.settled());

    // the crash was where it was meant to be
    expect(answeredBefore).toBeGreaterThan(0);
    expect(held).toBeGreaterThan(0);
    if (place === 'before') expect(told).toBeLessThan(left?.rows ?? 0);
    else expect(told).toBeGreaterThanOrEqual(CRASH_AT);
    const messages = await expectEachOnce(system, member, line.session.id, sent);
    const ids = messages.map(({ id }) => id).toSorted();
    // the realtime stream lies in memory: a client that comes back reads its lists, and then hears of each message at most once
    const heard = back.frames[0]?.type === 'ready' ? [...createdOn(screen), ...createdOn(back)] : createdOn(back);
    expect(new Set(heard).size).toBe(heard.length);
    if (back.frames[0]?.type === 'ready') expect(heard.toSorted()).toEqual(ids);
    else expect(back.frames[0]?.type).toBe('resync');
    const later = messagesTo(line, 1, 'later');
    await line.post(later[0]?.webhook);
    await back.until(() => createdOn(back).length > heard.length);
    for (const one of [screen, back]) one.cut();
  });

  it('three times at random while 300 webhooks flow loses nothing and doubles nothing', async () => {
    const random = randomness(SEED);
    const member = await newMember(system);
    const { api } = member;
    const line = await api.cloud();
    const sent = messagesTo(line, 300, 'random');
    let answered = 0;

    for (const round of [0, 1, 2]) {
      const killAt = round * 100 + 5 + random(90);
      const traffic = inLanes(8, sent.slice(round * 100, round * 100 + 100), async ({ webhook }) => {
        expect((await untilAnswered(() => line.post(webhook))).status).toBe(200);
        answered += 1;
      });
      await until(() => answered >= killAt);
      await sleep(random(10));
      await system.kill();
      system = await system.restart();
      await traffic;
    }
    await Broker.ask(system, (broker) => broker.settled());

    await expectEachOnce(system, member, line.session.id, sent);
  });

  it('while 30 replies go out delivers each once, and each key keeps its answer', async () => {
    const random = randomness(SEED + 1);
    const { api } = await newMember(system);
    const session = await api.sandbox();
    await api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: CUSTOMERS[0], text: 'Oi' });
    const conversationId = await eventually(async () => (await conversationsOf(api, session.id))[0]?.id, 'a conversation');
    const replies = Array.from({ length: 30 }, (_, index) => ({ text: `reply ${index}`, key: randomUUID() }));
    const reply = ({ text, key }: { text: string; key: string }) =>
      untilAnswered(() => api.request('POST', `/v1/conversations/${conversationId}/messages`, { text }, { 'idempotency-key': key }));
    const first = new Map<string, Answer>();
    const traffic = inLanes(6, replies, async (one) => void first.set(one.key, await reply(one)));

    const killAt = 1 + random(20);
    await until(() => first.size >= killAt);
    await sleep(random(10));
    await system.kill();
    const answeredBefore = first.size;
    system = await system.restart();
    await traffic;
    await Broker.ask(system, (broker) => broker.settled());
    const repeated = new Map<string, Answer>();
    await inLanes(6, replies, async (one) => void repeated.set(one.key, await reply(one)));
    await Broker.ask(system, (broker) => broker.settled());

    expect(answeredBefore).toBeLessThan(30);
    for (const { key, text } of replies) {
      expect([201, 202]).toContain(first.get(key)?.status);
      expect(repeated.get(key)?.status).toBe(201);
      expect(Message.parse(repeated.get(key)?.body).text).toBe(text);
      if (first.get(key)?.status === 201) expect(repeated.get(key)?.body).toEqual(first.get(key)?.body);
    }
    expect(textsOf(await deliveriesOf(api, session.id))).toEqual(textsOf(replies));
    const thread = (await threadOf(api, conversationId)).filter(({ direction }) => direction === 'outbound');
    expect(textsOf(thread)).toEqual(textsOf(replies));
    expect(thread.map(({ ack }) => ack)).toEqual(thread.map(() => 'delivered'));
  });
});
