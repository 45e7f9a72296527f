import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '#bus';
import type { Conversation, Intent, SentimentLabel } from '#contracts';
import { delivered, openBus, phone, query, startWorld, type World } from '#testing';
import { Company, everyItem, inboxOf, type MessageApp, messageApp } from '../test/message-app.js';
import { ConversationService } from './conversation.service.js';

let world: World;
let bus: Bus;
let app: MessageApp;

interface Mood {
  readonly intent: Intent;
  readonly sentiment: SentimentLabel;
  readonly leadScore: number;
}

/** What an analysis says of one message, on its way to the consumer. */
function analysed(company: Company, conversation: Conversation, messageId: string, { intent, sentiment, leadScore }: Mood) {
  const { id: conversationId, contactId, sessionId } = conversation;
  const analysis = {
    messageId,
    tier: 'instant' as const,
    modelVersion: 'rules-1',
    language: 'pt' as const,
    sentiment: { score: 0, label: sentiment },
    intent,
    confidence: 1,
    leadScore,
    suggestions: [],
    nextAction: { kind: 'wait' as const, text: '' },
    analysedAt: '2026-11-22T12:00:00.000Z',
  };
  return delivered({ conversationId, contactId, sessionId, analysis }, { organisationId: company.id });
}

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'message');
  app = messageApp(world, bus);
});

afterAll(async () => {
  await app?.database.close();
  await bus?.connection.drain();
  await world?.stop();
});

describe(`${ConversationService.name}: pages`, () => {
  it('of an inbox of 250 conversations of the same millisecond show each once', async () => {
    const company = await Company.found(world);
    const people = Array.from({ length: 250 }, (_, n) => company.says({ from: phone(`5511900${1_000 + n}`), name: `Customer ${n}` }));
    await app.consumer.store(people);
    const cursors: (string | undefined)[] = [];

    const items = await everyItem((cursor) => {
      cursors.push(cursor);
      return app.conversations.list(company.id, {}, { cursor, limit: 30 });
    });

    expect(cursors).toHaveLength(9);
    expect(items).toHaveLength(250);
    expect(new Set(items.map(({ customerName }) => customerName))).toEqual(new Set(people.map(({ data }) => data.name)));
    expect(items.map(({ id }) => id)).toEqual(
      items
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  });

  it('of a thread of 250 messages of the same millisecond show each once, newest first', async () => {
    const company = await Company.found(world);
    const all = Array.from({ length: 250 }, (_, n) => company.says({ text: `message ${n}` }));
    await app.consumer.store(all.toReversed());
    const [conversation] = await inboxOf(app, company);

    const items = await everyItem((cursor) => app.conversations.thread(company.id, conversation!.id, { cursor, limit: 33 }));

    expect(items.map(({ text }) => text)).toEqual(all.map(({ data }) => data.text).toReversed());
  });

  it('do not shift when a message comes in between them', async () => {
    const company = await Company.found(world);
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();
    await app.consumer.store(Array.from({ length: 10 }, (_, n) => company.says({ text: `message ${n}`, timestamp: at(n) })));
    const [conversation] = await inboxOf(app, company);
    const first = await app.conversations.thread(company.id, conversation!.id, { limit: 4 });

    await app.consumer.store([company.says({ text: 'newer', timestamp: at(30) })]);
    const second = await app.conversations.thread(company.id, conversation!.id, { cursor: first!.next!, limit: 4 });

    expect(second?.items.map(({ text }) => text)).toEqual([5, 4, 3, 2].map((n) => `message ${n}`));
  });

  it('end exactly with the last row', async () => {
    const company = await Company.found(world);
    await app.consumer.store([1, 2, 3].map((n) => company.says({ from: phone(`551190000000${n}`) })));

    expect((await app.conversations.list(company.id, {}, { limit: 3 })).next).toBeNull();
    expect((await app.conversations.list(company.id, {}, { limit: 2 })).next).not.toBeNull();
  });

  it('refuse a cursor they did not make', async () => {
    const company = await Company.found(world);
    await app.consumer.store([company.says()]);
    const [conversation] = await inboxOf(app, company);
    const page = { limit: 1, cursor: 'bm90IGEgY3Vyc29y' };
    const refusal = { problem: { status: 400 } };

    await expect(app.conversations.list(company.id, {}, page)).rejects.toMatchObject(refusal);
    await expect(app.conversations.thread(company.id, conversation!.id, page)).rejects.toMatchObject(refusal);
  });

  it('of another organisation are empty, whatever is asked', async () => {
    const [company, rival] = [await Company.found(world), await Company.found(world)];
    await app.consumer.store([company.says()]);
    const [conversation] = await inboxOf(app, company);
    const id = conversation?.id ?? '';
    expect(await app.conversations.byId(company.id, id)).toEqual(conversation);

    expect(await app.conversations.list(rival.id, {}, { limit: 10 })).toEqual({ items: [], next: null });
    expect(await app.conversations.byId(rival.id, id)).toBeNull();
    expect(await app.conversations.thread(rival.id, id, { limit: 10 })).toBeNull();
    expect(await app.conversations.route(rival.id, id)).toBeNull();
  });

  it('of a conversation that is not there are none', async () => {
    const company = await Company.found(world);

    expect(await app.conversations.thread(company.id, randomUUID(), { limit: 10 })).toBeNull();
    expect(await app.conversations.byId(company.id, randomUUID())).toBeNull();
  });
});

describe(`${ConversationService.name}: filters`, () => {
  it('by status, session, intent and sentiment, alone and together, over pages', async () => {
    const company = await Company.found(world);
    const sessions = [randomUUID(), randomUUID()];
    const deliveries = Array.from({ length: 24 }, (_, n) =>
      company.says({ from: phone(`55119000${1_000 + n}`), sessionId: sessions[n % 2]!, name: `${n}` }),
    );
    await app.consumer.store(deliveries);
    const inbox = await inboxOf(app, company);
    const byName = new Map(inbox.map((conversation) => [Number(conversation.customerName), conversation]));
    const mood = (n: number): Mood => ({ intent: n % 3 ? 'purchase' : 'support', sentiment: n % 4 ? 'neutral' : 'negative', leadScore: n });
    await app.consumer.analysed(deliveries.map(({ data }, n) => analysed(company, byName.get(n)!, data.messageId, mood(n))));
    for (const n of [0, 6, 12]) {
      await app.consumer.update({ ...company.answers(byName.get(n)!), data: { conversationId: byName.get(n)!.id, status: 'resolved' } });
    }
    const numbers = async (filter: Parameters<ConversationService['list']>[1]) => {
      const found = await everyItem((cursor) => app.conversations.list(company.id, filter, { cursor, limit: 2 }));
      return found.map(({ customerName }) => Number(customerName)).toSorted((a, b) => a - b);
    };
    const those = (holds: (n: number) => boolean) => Array.from({ length: 24 }, (_, n) => n).filter(holds);

    expect(await numbers({ status: 'resolved' })).toEqual([0, 6, 12]);
    expect(await numbers({ status: 'snoozed' })).toEqual([]);
    expect(await numbers({ sessionId: sessions[1]! })).toEqual(those((n) => n % 2 === 1));
    expect(await numbers({ intent: 'support' })).toEqual(those((n) => n % 3 === 0));
    expect(await numbers({ sentiment: 'negative' })).toEqual(those((n) => n % 4 === 0));
    expect(await numbers({ status: 'open', sessionId: sessions[0]!, intent: 'support', sentiment: 'neutral' })).toEqual([18]);
  });
});

describe(`${ConversationService.name}: what an analysis says`, () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();
  const hot: Mood = { intent: 'purchase', sentiment: 'positive', leadScore: 90 };
  const cold: Mood = { intent: 'cancel', sentiment: 'negative', leadScore: 5 };

  it.each([
    ['in order', (events: object[]) => events.map((event) => [event])],
    ['backwards', (events: object[]) => events.toReversed().map((event) => [event])],
    ['in one batch', (events: object[]) => [events.toReversed()]],
    ['twice', (events: object[]) => [...events, ...events].map((event) => [event])],
  ])('of the newest message is kept, of conversation and lead: %s', async (_, batches) => {
    const company = await Company.found(world);
    const [older, newer] = [company.says({ timestamp: at(1) }), company.says({ timestamp: at(2) })];
    await app.consumer.store([older, newer]);
    const [conversation] = await inboxOf(app, company);
    const events = [
      analysed(company, conversation!, older.data.messageId, cold),
      analysed(company, conversation!, newer.data.messageId, hot),
    ];

    for (const batch of batches(events)) await app.consumer.analysed(batch as typeof events);

    expect(await inboxOf(app, company)).toMatchObject([{ lastIntent: 'purchase', lastSentiment: 'positive', leadScore: 90 }]);
    expect(await query(world.adminUrl, 'select score from leads where org_id = $1', [company.id])).toEqual([{ score: 90 }]);
  });

  it('of a message that is not here changes nothing', async () => {
    const company = await Company.found(world);
    await app.consumer.store([company.says()]);
    const before = await inboxOf(app, company);

    await app.consumer.analysed([analysed(company, before[0]!, randomUUID(), hot)]);

    expect(await inboxOf(app, company)).toEqual(before);
  });
});
