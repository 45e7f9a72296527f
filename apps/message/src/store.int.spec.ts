import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '#bus';
import { type Identity, type MessageReceived, MessageStored } from '#contracts';
import { openBus, phone, published, query, startWorld, type World } from '#testing';
import { Company, inboxOf, type MessageApp, messageApp, threadIn } from '../test/message-app.js';
import { MessageService } from './message.service.js';

let world: World;
let bus: Bus;
let app: MessageApp;
let other: MessageApp;
let company: Company;

const bsuid = (value: string): Identity => ({ kind: 'bsuid', value });

/** How many rows each table has of the company. */
async function counts(): Promise<Record<string, number>> {
  const tables = ['contacts', 'contact_identities', 'leads', 'conversations', 'messages'];
  const each = tables.map((table) => `(select count(*)::int from ${table} where org_id = $1) as ${table}`);
  const [row] = await query<Record<string, number>>(world.adminUrl, `select ${each.join(', ')}`, [company.id]);
  return row ?? {};
}

/** Every column of every row of the company, as it is stored. */
async function allRows(): Promise<unknown> {
  const tables = ['contacts', 'contact_identities', 'leads', 'conversations', 'messages', 'message_acks', 'command_answers'];
  const each = tables.map((table) => `(select jsonb_agg(to_jsonb(t) order by t::text) from ${table} t where org_id = $1) as ${table}`);
  return query(world.adminUrl, `select ${each.join(', ')}`, [company.id]);
}

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'message');
  app = messageApp(world, bus);
  other = messageApp(world, bus);
});

beforeEach(async () => {
  company = await Company.found(world);
});

afterAll(async () => {
  await Promise.all([app, other].map((one) => one?.database.close()));
  await bus?.connection.drain();
  await world?.stop();
});

describe(`${MessageService.name}: a message that came in`, () => {
  it('becomes a contact with an identity and a lead, a conversation, a message, and an event', async () => {
    const delivery = company.says({ text: 'Oi!', providerType: 'text', quotedProviderId: 'wamid.before' });

    await app.consumer.store([delivery]);

    expect(await counts()).toEqual({ contacts: 1, contact_identities: 1, leads: 1, conversations: 1, messages: 1 });
    const [conversation] = await inboxOf(app, company);
    const { messageId, sessionId, providerId, timestamp } = delivery.data;
    expect(conversation).toEqual({
      id: expect.any(String),
      sessionId,
      contactId: expect.any(String),
      customerName: 'Maria Souza',
      customerPhone: '5511987650001',
      status: 'open',
      userId: null,
      startedAt: timestamp,
      lastMessageAt: timestamp,
      lastMessage: { preview: 'Oi!', direction: 'inbound', type: 'text' },
      unread: 1,
      lastIntent: null,
      lastSentiment: null,
      leadScore: null,
    });
    const common = { sessionId, providerId, conversationId: conversation?.id, direction: 'inbound', type: 'text', text: 'Oi!', timestamp };
    const rest = { ...common, timeFlag: null, seq: delivery.seq, ack: null, sentBy: null };
    expect(await threadIn(app, company, conversation?.id ?? '')).toEqual([{ id: messageId, failure: null, ...rest }]);
    expect(await published(bus, MessageStored, company.id)).toEqual([
      {
        id: `${messageId}:stored`,
        chat: '-',
        since: delivery.since,
        data: { messageId, contactId: conversation?.contactId, customerName: 'Maria Souza', ...rest },
      },
    ]);
    const [stage] = await query(world.adminUrl, 'select stage, score from leads where org_id = $1', [company.id]);
    expect(stage).toEqual({ stage: 'new', score: null });
    const [row] = await query(world.adminUrl, 'select metadata from messages where org_id = $1', [company.id]);
    expect(row).toEqual({ metadata: { providerType: 'text', quotedProviderId: 'wamid.before' } });
  });

  it('delivered twice, in one batch and in another, is one row and one event', async () => {
    const delivery = company.says();

    await app.consumer.store([delivery, delivery]);
    await app.consumer.store([{ ...delivery, redelivered: true }]);

    expect(await counts()).toMatchObject({ messages: 1, conversations: 1 });
    expect((await inboxOf(app, company))[0]?.unread).toBe(1);
    expect((await published(bus, MessageStored, company.id)).map(({ id }) => id)).toEqual([`${delivery.data.messageId}:stored`]);
  });

  it('told again after a crash before the ack changes no row and says the same', async () => {
    const batch = [company.says(), company.says({ text: null, type: 'image' }), company.says({ from: phone('5511900000002') })];
    await app.consumer.store(batch);
    const [rows, first] = [await allRows(), await published(bus, MessageStored, company.id)];
    // JetStream has forgotten the ids meanwhile: what is said again is on the stream again
    await bus.connection.manager.streams.purge('FACTS');
    await bus.connection.manager.streams.update('FACTS', { duplicate_window: 100_000_000 });
    await new Promise((resolve) => setTimeout(resolve, 400));

    await other.consumer.store(batch.toReversed().map((delivery) => ({ ...delivery, redelivered: true })));

    const byId = (events: typeof first) => events.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(await allRows()).toEqual(rows);
    expect(byId(await published(bus, MessageStored, company.id))).toEqual(byId(first));
    await bus.connection.manager.streams.update('FACTS', { duplicate_window: 120_000_000_000 });
  });

  it('is told as it was stored first, whatever a later copy of it says', async () => {
    const delivery = company.says({ text: 'first' });
    await app.consumer.store([delivery]);
    await bus.connection.manager.streams.purge('FACTS', { filter: `facts.message.stored.${company.id}.>` });

    await app.consumer.store([company.says({ ...delivery.data, text: 'second', timestamp: '2026-11-22T13:00:00.000Z' })]);

    const [conversation] = await inboxOf(app, company);
    expect(conversation).toMatchObject({ unread: 1, lastMessage: { preview: 'first' }, lastMessageAt: delivery.data.timestamp });
    expect(await threadIn(app, company, conversation?.id ?? '')).toMatchObject([{ text: 'first', seq: delivery.seq }]);
  });

  it('of a new contact may come in fifty at once over five calls', async () => {
    const batches = Array.from({ length: 5 }, () => Array.from({ length: 10 }, () => company.says({ providerId: randomUUID() })));

    await Promise.all(batches.map((batch, n) => (n % 2 ? app : other).consumer.store(batch)));

    expect(await counts()).toEqual({ contacts: 1, contact_identities: 1, leads: 1, conversations: 1, messages: 50 });
    expect((await inboxOf(app, company)).map(({ unread }) => unread)).toEqual([50]);
    const told = await published(bus, MessageStored, company.id);
    expect(new Set(told.map(({ id }) => id)).size).toBe(50);
    expect(told).toHaveLength(50);
  });

  it('may come in crossing order to two replicas: nobody deadlocks, nothing is lost', async () => {
    const known = Array.from({ length: 8 }, (_, n) => phone(`55119000000${n}0`));
    for (let round = 0; round < 30; round += 1) {
      const people = [...known, ...[1, 2, 3, 4].map((n) => phone(`5521${round}000${n}`))];
      const batch = () => people.map((from) => company.says({ from, name: from.value }));

      await Promise.all([app.consumer.store(batch()), other.consumer.store(batch().toReversed())]);
    }

    const people = 8 + 30 * 4;
    expect(await counts()).toEqual({
      contacts: people,
      contact_identities: people,
      leads: people,
      conversations: people,
      messages: 30 * 24,
    });
    const inbox = await inboxOf(app, company);
    expect(inbox.reduce((sum, { unread }) => sum + unread, 0)).toBe(30 * 24);
    expect(inbox.filter(({ unread }) => unread === 60)).toHaveLength(8);
  });

  it('of 256 people nobody knew, in tables the planner knows nothing of, is stored in a moment', async () => {
    const people = Array.from({ length: 256 }, (_, n) => company.says({ from: phone(`5531900${1_000 + n}`) }));
    const begin = performance.now();

    await app.consumer.store(people);

    expect(await counts()).toMatchObject({ contacts: 256, conversations: 256, messages: 256 });
    // it was more than ten seconds, which is the timeout of a statement, when three lists were compared with each other
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('goes to the conversation of its own session, under one contact', async () => {
    const [here, there] = [company.says({ sessionId: randomUUID() }), company.says({ sessionId: randomUUID() })];

    await app.consumer.store([here, there]);

    expect(await counts()).toMatchObject({ contacts: 1, leads: 1, conversations: 2, messages: 2 });
    const inbox = await inboxOf(app, company);
    expect(new Set(inbox.map(({ contactId }) => contactId)).size).toBe(1);
    expect(new Set(inbox.map(({ sessionId }) => sessionId))).toEqual(new Set([here.data.sessionId, there.data.sessionId]));
  });

  it('of several organisations in one batch goes to each its own', async () => {
    const rival = await Company.found(world);

    await app.consumer.store([company.says({ text: 'mine' }), rival.says({ text: 'theirs' }), company.says({ text: 'mine too' })]);

    const previews = async (one: Company) => (await inboxOf(app, one)).map(({ lastMessage, unread }) => [lastMessage?.preview, unread]);
    expect(await previews(company)).toEqual([['mine too', 2]]);
    expect(await previews(rival)).toEqual([['theirs', 1]]);
  });
});

describe(`${MessageService.name}: a person with several identities`, () => {
  const both = { from: phone('5511987650009'), alsoKnownAs: [bsuid('BR.123')] };
  const alone = { from: bsuid('BR.123') };
  const names = { contacts: 1, contact_identities: 2, leads: 1, conversations: 1 };

  it.each([
    ['in two batches', [[both], [alone]]],
    ['in two batches, the further identity first', [[alone], [both]]],
    ['in one batch', [[both, alone]]],
    ['in one batch, the further identity first', [[alone, both]]],
    ['with the phone as the further identity', [[{ from: bsuid('BR.123'), alsoKnownAs: [phone('5511987650009')] }], [{ from: both.from }]]],
  ] satisfies [string, Partial<MessageReceived>[][]][])('is one contact: %s', async (_, batches) => {
    for (const batch of batches) await app.consumer.store(batch.map((one) => company.says(one)));

    expect(await counts()).toEqual({ ...names, messages: 2 });
    expect(await inboxOf(app, company)).toMatchObject([{ unread: 2 }]);
  });

  it('is answered on the identity of the first message', async () => {
    await app.consumer.store([company.says(both)]);
    await app.consumer.store([company.says(alone)]);

    const [conversation] = await inboxOf(app, company);
    const route = await app.conversations.route(company.id, conversation?.id ?? '');
    expect(route).toEqual({ sessionId: conversation?.sessionId, contactId: conversation?.contactId, to: both.from });
  });

  it('is not taken for somebody whose other kind of identity reads the same', async () => {
    await app.consumer.store([company.says({ from: phone('123') }), company.says({ from: bsuid('123') })]);

    expect(await counts()).toMatchObject({ contacts: 2, conversations: 2 });
  });
});

describe(`${MessageService.name}: the conversation of a message that came in`, () => {
  const at = (minute: number) => `2026-11-22T12:${String(minute).padStart(2, '0')}:00.000Z`;

  it.each(['resolved', 'snoozed'] as const)('is opened again when it was %s', async (status) => {
    await app.consumer.store([company.says()]);
    const [conversation] = await inboxOf(app, company);
    const change = company.answers(conversation!);
    await app.consumer.update({ ...change, data: { conversationId: conversation!.id, status } });
    expect((await inboxOf(app, company))[0]?.status).toBe(status);

    await app.consumer.store([company.says()]);

    expect(await inboxOf(app, company)).toMatchObject([{ status: 'open', unread: 2 }]);
  });

  it('stays pending and assigned', async () => {
    const userId = randomUUID();
    await app.consumer.store([company.says()]);
    const [conversation] = await inboxOf(app, company);
    const change = { conversationId: conversation!.id, status: 'pending' as const, userId };
    await app.consumer.update({ ...company.answers(conversation!), data: change });

    await app.consumer.store([company.says()]);

    expect(await inboxOf(app, company)).toMatchObject([{ status: 'pending', userId }]);
  });

  it('is not reopened by a message that was stored before', async () => {
    const delivery = company.says();
    await app.consumer.store([delivery]);
    const [conversation] = await inboxOf(app, company);
    const change = { conversationId: conversation!.id, status: 'resolved' as const };
    await app.consumer.update({ ...company.answers(conversation!), data: change });

    await app.consumer.store([delivery]);

    expect(await inboxOf(app, company)).toMatchObject([{ status: 'resolved', unread: 1 }]);
  });

  it('keeps its last message when an older one arrives late, and starts with the older one', async () => {
    await app.consumer.store([company.says({ text: 'new', timestamp: at(30) })]);

    await app.consumer.store([company.says({ text: 'old', timestamp: at(10) }), company.says({ text: 'older', timestamp: at(5) })]);

    const [conversation] = await inboxOf(app, company);
    expect(conversation).toMatchObject({ lastMessage: { preview: 'new' }, lastMessageAt: at(30), startedAt: at(5), unread: 3 });
    const texts = (await threadIn(app, company, conversation?.id ?? '')).map(({ text }) => text);
    expect(texts).toEqual(['new', 'old', 'older']);
  });

  it('shows of one second what arrived last', async () => {
    const [first, second] = [company.says({ text: 'first' }), company.says({ text: 'second' })];

    await app.consumer.store([second]);
    await app.consumer.store([first]);

    expect(await inboxOf(app, company)).toMatchObject([{ lastMessage: { preview: 'second' } }]);
  });
});

describe(`${MessageService.name}: what a message may say`, () => {
  it.each([
    ['100 kB', 'á🎉'.repeat(25_000)],
    ['emoji with joiners', '👩‍👩‍👧‍👦🇧🇷 ❤️‍🔥'],
    ['right to left with marks', '\u202Eمرحبا بالعالم\u202C שלום'],
    ['JSON', '{"text":"x","$1":[null],"a":"\\u0041\\n"}'],
    ['SQL', `'; drop table messages; -- $1 \${x} %s \\x00`],
    ['nothing', ''],
    ['line breaks and tabs', 'a\r\n\tb\u2028c'],
    ['what stands for bytes', '\\x6465616462656566'],
  ])('is kept as it is: %s', async (_, text) => {
    const delivery = company.says({ text, name: text.slice(0, 48) || null });

    await app.consumer.store([delivery]);

    const [conversation] = await inboxOf(app, company);
    expect(conversation?.customerName).toBe(text.slice(0, 48) || null);
    expect((await threadIn(app, company, conversation?.id ?? '')).map((message) => message.text)).toEqual([text]);
    expect((await published(bus, MessageStored, company.id)).map(({ data }) => data.text)).toEqual([text]);
  });

  it('is cut in the list, without splitting a character', async () => {
    await app.consumer.store([company.says({ text: `${'x'.repeat(158)}🎉🎉` })]);

    expect((await inboxOf(app, company))[0]?.lastMessage?.preview).toBe(`${'x'.repeat(158)}…`);
  });

  it('is in clear in no column, nor are names and phones', async () => {
    const [text, name, number, id] = ['segredo-do-cliente', 'Nome-Confidencial', '5511912345678', 'BR.998877'];
    await app.consumer.store([company.says({ text, name, from: phone(number), alsoKnownAs: [bsuid(id)] })]);
    const [conversation] = await inboxOf(app, company);
    await app.consumer.send(company.answers(conversation!, { text: 'resposta-secreta' }));

    const raw = JSON.stringify(await allRows());

    expect(raw).toContain(conversation?.id);
    expect(raw).toContain('command_answers');
    for (const secret of [text, name, number, id, 'resposta-secreta']) {
      expect(raw).not.toContain(secret);
      expect(raw).not.toContain(Buffer.from(secret).toString('hex'));
      expect(raw).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4));
    }
  });
});
