import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '#bus';
import {
  type Analysis,
  ConversationChanged,
  MessageAnalysed,
  MessageStored,
  MessageUpdated,
  RealtimeEvents,
  RealtimePublished,
  SessionChanged,
} from '#contracts';
import { delivered, openBus, published, serveOnBus, startWorld, type World } from '#testing';
import { NotificationConsumer } from './notification.consumer.js';
import { RealtimeService } from './realtime.service.js';

const at = '2026-11-22T12:00:00.000Z';
const ids = () => ({ messageId: randomUUID(), conversationId: randomUUID(), contactId: randomUUID(), sessionId: randomUUID() });

let world: World;
let bus: Bus;

const stored = (text = 'Oi'): MessageStored => ({
  ...ids(),
  providerId: '3AE7',
  direction: 'inbound',
  type: 'text',
  text,
  timestamp: at,
  timeFlag: null,
  seq: 7,
  ack: null,
  sentBy: null,
  customerName: null,
});
const analysed = (): MessageAnalysed => {
  const { messageId, ...place } = ids();
  const analysis: Analysis = {
    messageId,
    tier: 'instant',
    modelVersion: 'rules-1',
    analysedAt: at,
    language: 'pt',
    sentiment: { score: 0, label: 'neutral' },
    intent: 'greeting',
    confidence: 0.9,
    leadScore: 20,
    suggestions: [{ text: 'Olá!' }],
    nextAction: { kind: 'reply', text: 'Responda.' },
  };
  return { ...place, analysis };
};
const updated = (): MessageUpdated => {
  const { contactId: _contactId, ...place } = ids();
  return { ...place, ack: 'read', reason: null };
};
const changed = (): ConversationChanged => {
  const { conversationId } = ids();
  return { conversationId, status: 'open', userId: null, unread: 3, lastIntent: null, lastSentiment: null, leadScore: null };
};
const session = (): SessionChanged => ({
  sessionId: randomUUID(),
  name: 'Vendas',
  driver: 'sandbox',
  state: 'connected',
  deleted: false,
  at,
});

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'notification');
});

afterAll(async () => {
  await bus?.connection.drain();
  await world?.stop();
});

describe(NotificationConsumer.name, () => {
  it('tells the screens of an organisation every fact they need, each under its name and in its shape', async () => {
    const organisationId = randomUUID();
    const stop = await serveOnBus(bus, { controllers: [NotificationConsumer], providers: [RealtimeService] });
    const say = (n: number) => ({ organisationId, id: `${organisationId}:${n}` });

    const facts = [stored(), analysed(), updated(), changed(), session()] as const;
    await bus.publish(MessageStored, say(0), facts[0]);
    await bus.publish(MessageAnalysed, say(1), facts[1]);
    await bus.publish(MessageUpdated, say(2), facts[2]);
    await bus.publish(ConversationChanged, say(3), facts[3]);
    await bus.publish(SessionChanged, say(4), facts[4]);
    await expect.poll(() => published(bus, RealtimePublished, organisationId)).toHaveLength(5);
    await stop();

    const told = (await published(bus, RealtimePublished, organisationId)).map(({ data }) => data);
    const names = ['message.created', 'message.analysed', 'message.updated', 'conversation.updated', 'session.updated'] as const;
    for (const [n, name] of names.entries()) {
      const one = told.find((event) => event.name === name);
      const shape: { parse: (data: unknown) => unknown } = RealtimeEvents[name];
      const { messageId, ...rest } = { messageId: undefined, ...facts[n] };
      expect(shape.parse(one?.data), name).toMatchObject(name === 'message.created' ? { id: messageId, truncated: false } : rest);
    }
  });

  it('tells a fact once that is delivered twice, in one batch or again after a crash before its ack', async () => {
    const consumer = new NotificationConsumer(new RealtimeService(bus));
    const organisationId = randomUUID();
    const [one, two] = [delivered(stored('um'), { organisationId }), delivered(stored('dois'), { organisationId })];

    await consumer.stored([one, two, one]);
    await consumer.stored([{ ...one, redelivered: true }, two]);

    const told = await published(bus, RealtimePublished, organisationId);
    expect(told.map(({ data }) => (data.data as { text: string }).text).toSorted()).toEqual(['dois', 'um']);
    expect(new Set(told.map(({ since }) => since))).toEqual(new Set([one.since, two.since]));
    expect(told.find(({ data }) => (data.data as { id: string }).id === one.data.messageId)?.data.at).toBe(new Date(one.at).toISOString());
  });

  it('tells each organisation its own', async () => {
    const consumer = new NotificationConsumer(new RealtimeService(bus));
    const [mine, theirs] = [randomUUID(), randomUUID()];

    await consumer.changed([delivered(changed(), { organisationId: mine }), delivered(changed(), { organisationId: theirs })]);

    expect(await published(bus, RealtimePublished, mine)).toHaveLength(1);
    expect(await published(bus, RealtimePublished, theirs)).toHaveLength(1);
  });

  it('takes a text of a hundred thousand characters', async () => {
    const consumer = new NotificationConsumer(new RealtimeService(bus));
    const organisationId = randomUUID();

    await consumer.stored([delivered(stored('á'.repeat(100_000)), { organisationId })]);

    expect(await published(bus, RealtimePublished, organisationId)).toMatchObject([{ data: { data: { truncated: true } } }]);
  });
});
