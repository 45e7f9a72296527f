import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '#bus';
import { type Conversation, ConversationChanged, type MessageAcked, MessageStored, MessageUpdated } from '#contracts';
import { delivered, openBus, published, query, startWorld, type World } from '#testing';
import { Company, inboxOf, type MessageApp, messageApp, threadIn } from '../test/message-app.js';
import { AckService } from './ack.service.js';
import { CommandService } from './command.service.js';

type Ack = MessageAcked['ack'];

let world: World;
let bus: Bus;
let app: MessageApp;
let other: MessageApp;
let company: Company;
let conversation: Conversation;

const outbound = async () => (await threadIn(app, company, conversation.id)).filter(({ direction }) => direction === 'outbound');
const ackNow = async () => (await outbound()).map(({ ack, failure }) => [ack, failure]);

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'message');
  app = messageApp(world, bus);
  other = messageApp(world, bus);
});

beforeEach(async () => {
  company = await Company.found(world);
  await app.consumer.store([company.says()]);
  conversation = (await inboxOf(app, company))[0]!;
});

afterAll(async () => {
  await Promise.all([app, other].map((one) => one?.database.close()));
  await bus?.connection.drain();
  await world?.stop();
});

describe(`${CommandService.name}: an answer`, () => {
  it('is stored as pending, answered, told, and ends what is unread', async () => {
    const delivery = company.answers(conversation, { text: 'Custa 99.' });

    const result = await app.consumer.send(delivery);

    const { messageId, providerId, sessionId } = delivery.data;
    const timestamp = new Date(delivery.at).toISOString();
    const common = { conversationId: conversation.id, sessionId, direction: 'outbound', type: 'text', text: 'Custa 99.', timestamp };
    const rest = { ...common, timeFlag: null, seq: delivery.seq, ack: 'pending', sentBy: 'ana', providerId };
    expect(result).toEqual({ status: 'done', answer: { id: messageId, failure: null, ...rest } });
    expect(await outbound()).toEqual([{ id: messageId, failure: null, ...rest }]);
    const told = (await published(bus, MessageStored, company.id)).filter(({ data }) => data.direction === 'outbound');
    expect(told).toMatchObject([
      { id: `${messageId}:stored`, data: { messageId, contactId: conversation.contactId, customerName: null, ...rest } },
    ]);
    expect(await inboxOf(app, company)).toMatchObject([{ unread: 0, lastMessage: { preview: 'Custa 99.', direction: 'outbound' } }]);
  });

  it('carried out twice, at once and later, is one message, one event and the same answer', async () => {
    const delivery = company.answers(conversation);

    const [one, two] = await Promise.all([app.consumer.send(delivery), other.consumer.send(delivery)]);
    const three = await app.consumer.send({ ...delivery, redelivered: true });

    expect(one.status).toBe('done');
    expect([two, three]).toEqual([one, one]);
    expect(await outbound()).toHaveLength(1);
    expect((await published(bus, MessageStored, company.id)).filter(({ data }) => data.direction === 'outbound')).toHaveLength(1);
  });

  it('gets the kept answer even when the message got further meanwhile', async () => {
    const delivery = company.answers(conversation);
    const first = await app.consumer.send(delivery);
    await app.consumer.acked([company.acks(delivery, 'read')]);

    expect(await app.consumer.send(delivery)).toEqual(first);
    expect(await ackNow()).toEqual([['read', null]]);
    expect(await app.commands.recordedAnswer(company.id, delivery.idempotency!)).toEqual(first);
  });

  it('under a key that was used for another request is refused with 422 and changes nothing', async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);
    const another = company.answers(conversation, { text: 'something else' });

    const result = await app.consumer.send({ ...another, idempotency: { ...delivery.idempotency!, requestHash: 'other' } });

    expect(result).toMatchObject({ status: 'refused', problem: { status: 422 } });
    expect(await outbound()).toHaveLength(1);
  });

  it('under the same key of another client is another message', async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);
    const another = company.answers(conversation);

    await app.consumer.send({ ...another, idempotency: { ...delivery.idempotency!, client: 'bot' } });

    expect(await outbound()).toHaveLength(2);
  });

  it('to a conversation that is not there is refused with 404, and again from the record', async () => {
    const delivery = company.answers({ ...conversation, id: randomUUID() });

    const results = [await app.consumer.send(delivery), await app.consumer.send(delivery)];

    expect(results).toMatchObject([1, 2].map(() => ({ status: 'refused', problem: { status: 404 } })));
    expect(await published(bus, MessageStored, company.id)).toHaveLength(1);
  });

  it('to a conversation of another organisation is refused with 404', async () => {
    const rival = await Company.found(world);

    const result = await app.consumer.send(rival.answers(conversation));

    expect(result).toMatchObject({ status: 'refused', problem: { status: 404 } });
    expect(await outbound()).toEqual([]);
  });

  it('may come many at once to one conversation from two replicas', async () => {
    const deliveries = Array.from({ length: 20 }, () => company.answers(conversation));

    const results = await Promise.all(deliveries.map((delivery, n) => (n % 2 ? app : other).consumer.send(delivery)));

    expect(results.every(({ status }) => status === 'done')).toBe(true);
    expect(new Set((await outbound()).map(({ id }) => id))).toEqual(new Set(deliveries.map(({ data }) => data.messageId)));
  });
});

describe(`${CommandService.name}: a change of a conversation`, () => {
  const change = (data: object) =>
    delivered(
      { conversationId: conversation.id, ...data },
      { organisationId: company.id, idempotency: { client: 'crm', key: randomUUID(), requestHash: 'h' } },
    );

  it('is answered with the conversation as it is then, and told once', async () => {
    const userId = randomUUID();
    const delivery = change({ status: 'pending', userId });

    const results = [await app.consumer.update(delivery), await other.consumer.update(delivery)];

    const answer = { ...conversation, status: 'pending', userId };
    expect(results).toEqual([1, 2].map(() => ({ status: 'done', answer })));
    expect(await published(bus, ConversationChanged, company.id)).toMatchObject([
      { id: `${delivery.id}:changed`, data: { conversationId: conversation.id, status: 'pending', userId, unread: 1 } },
    ]);
  });

  it('changes only what it names', async () => {
    const userId = randomUUID();
    await app.consumer.update(change({ userId }));
    await app.consumer.update(change({ status: 'resolved' }));
    expect(await inboxOf(app, company)).toEqual([{ ...conversation, status: 'resolved', userId }]);

    await app.consumer.update(change({ userId: null }));

    expect(await inboxOf(app, company)).toEqual([{ ...conversation, status: 'resolved', userId: null }]);
  });

  it('that has been read ends what is unread, and nothing else', async () => {
    await app.consumer.store([company.says({ timestamp: conversation.lastMessageAt })]);

    await app.consumer.read(change({}));

    expect(await inboxOf(app, company)).toMatchObject([{ status: 'open', userId: null, unread: 0 }]);
  });

  it('that is repeated does not undo what came after it', async () => {
    const read = change({});
    await app.consumer.read(read);
    await app.consumer.store([company.says()]);

    await app.consumer.read({ ...read, redelivered: true });

    expect((await inboxOf(app, company))[0]?.unread).toBe(1);
  });

  it('of an unknown conversation, or of another organisation, is refused with 404', async () => {
    const rival = await Company.found(world);
    const results = [
      await app.consumer.update({ ...change({}), data: { conversationId: randomUUID(), status: 'resolved' } }),
      await app.consumer.update({ ...change({ status: 'resolved' }), organisationId: rival.id }),
      await app.consumer.read({ ...change({}), organisationId: rival.id }),
    ];

    expect(results).toMatchObject(results.map(() => ({ status: 'refused', problem: { status: 404 } })));
    expect(await inboxOf(app, company)).toEqual([conversation]);
  });
});

describe(AckService.name, () => {
  it.each([
    [['sent', 'delivered', 'read'], 'read'],
    [['read', 'delivered', 'sent'], 'read'],
    [['delivered', 'failed', 'sent'], 'delivered'],
    [['failed', 'sent'], 'failed'],
    [['sent', 'sent', 'pending'], 'sent'],
  ] satisfies [Ack[], Ack][])('never lets an ack go down: %j', async (acks, last) => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);

    for (const ack of acks) await app.consumer.acked([company.acks(delivery, ack)]);

    expect(await ackNow()).toEqual([[last, null]]);
  });

  it.each([
    ['in one batch', true],
    ['one by one', false],
  ])('keeps an ack that comes before its message until it comes: %s', async (_, together) => {
    const delivery = company.answers(conversation);
    const acks = [company.acks(delivery, 'delivered'), company.acks(delivery, 'sent')];
    for (const batch of together ? [acks] : acks.map((ack) => [ack])) await app.consumer.acked(batch);
    expect(await published(bus, MessageUpdated, company.id)).toEqual([]);

    const result = await app.consumer.send(delivery);

    expect(result).toMatchObject({ status: 'done', answer: { ack: 'delivered' } });
    expect(await ackNow()).toEqual([['delivered', null]]);
    const told = (await published(bus, MessageStored, company.id)).filter(({ data }) => data.direction === 'outbound');
    expect(told).toMatchObject([{ data: { ack: 'delivered' } }]);
  });

  it('tells how far a message got, each step once', async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);
    const { messageId, sessionId, providerId } = delivery.data;
    const sent = delivered(
      { messageId, conversationId: conversation.id, sessionId, providerId, at: new Date().toISOString() },
      { organisationId: company.id },
    );

    for (let time = 0; time < 2; time += 1) await app.consumer.sent([sent, sent]);
    for (let time = 0; time < 2; time += 1) await other.consumer.acked([company.acks(delivery, 'read')]);

    const data = { messageId, conversationId: conversation.id, sessionId, reason: null };
    expect((await published(bus, MessageUpdated, company.id)).map((event) => [event.id, event.data])).toEqual([
      [`${messageId}:ack:2`, { ...data, ack: 'sent' }],
      [`${messageId}:ack:5`, { ...data, ack: 'read' }],
    ]);
  });

  it('keeps why a message failed, and says it', async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);

    await app.consumer.failed([company.fails(delivery, 'The number is not on WhatsApp.')]);

    expect(await ackNow()).toEqual([['failed', 'The number is not on WhatsApp.']]);
    expect((await published(bus, MessageUpdated, company.id)).map(({ data }) => [data.ack, data.reason])).toEqual([
      ['failed', 'The number is not on WhatsApp.'],
    ]);
  });

  it.each([
    ['after', ['failed', 'delivered']],
    ['before', ['delivered', 'failed']],
  ])('forgets why a message failed when it arrived %s all', async (_, order) => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);

    for (const step of order) {
      if (step === 'failed') await app.consumer.failed([company.fails(delivery, 'no answer')]);
      else await app.consumer.acked([company.acks(delivery, 'delivered')]);
    }

    expect(await ackNow()).toEqual([['delivered', null]]);
  });

  it('learns why a message failed after the bare news that it did', async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);

    await app.consumer.acked([company.acks(delivery, 'failed')]);
    await app.consumer.failed([company.fails(delivery, 'blocked')]);
    await app.consumer.acked([company.acks(delivery, 'failed')]);

    expect(await ackNow()).toEqual([['failed', 'blocked']]);
  });

  it("touches neither a customer's message nor another session or organisation", async () => {
    const delivery = company.answers(conversation);
    await app.consumer.send(delivery);
    const inbound = (await threadIn(app, company, conversation.id)).find(({ direction }) => direction === 'inbound')!;
    const rival = await Company.found(world);
    const ack = (overrides: object, organisationId = company.id) => ({
      ...company.acks(delivery, 'read'),
      organisationId,
      data: { ...company.acks(delivery, 'read').data, ...overrides },
    });

    await app.consumer.acked([ack({ providerId: inbound.providerId }), ack({ sessionId: randomUUID() }), ack({}, rival.id)]);

    expect((await threadIn(app, company, conversation.id)).map((message) => message.ack)).toEqual(['pending', null]);
    expect(await published(bus, MessageUpdated, company.id)).toEqual([]);
  });

  it('takes crossing batches from two consumers while the messages are being stored', async () => {
    const deliveries = Array.from({ length: 30 }, () => company.answers(conversation));
    const acks = deliveries.map((delivery) => company.acks(delivery, 'delivered'));

    await Promise.all([
      ...deliveries.map((delivery) => app.consumer.send(delivery)),
      other.consumer.acked(acks),
      other.consumer.acked(acks.toReversed()),
      app.consumer.acked(acks),
    ]);

    expect((await outbound()).map(({ ack }) => ack)).toEqual(deliveries.map(() => 'delivered'));
    const rows = await query(world.adminUrl, 'select distinct ack from message_acks where org_id = $1', [company.id]);
    expect(rows).toEqual([{ ack: 4 }]);
  });
});
