import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, Delivered } from '#bus';
import { INSTALLATION, MessageAcked, MessageFailed, type MessageSend, MessageSent, SessionChanged, type SessionCreate } from '#contracts';
import { CommandAnswers, Database } from '#db';
import { delivered, newOrganisation, openBus, published, query, startWorld, type World } from '#testing';
import { CloudDriver } from './cloud.driver.js';
import { RouteService } from './route.service.js';
import { SandboxDriver } from './sandbox.driver.js';
import { SandboxRepository } from './sandbox.repository.js';
import { SandboxService } from './sandbox.service.js';
import { SendRepository } from './send.repository.js';
import { SendService } from './send.service.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';

let world: World;
let bus: Bus;
let database: Database;
let sessions: SessionService;
let sends: SendService;
let routes: RouteService;
let sandbox: SandboxService;
let organisationId: string;

const idempotency = () => ({ client: 'crm', key: randomUUID(), requestHash: 'h' });
const cloudOf = (phoneNumberId: string) => ({ phoneNumberId, appSecret: `secret-${randomUUID()}`, verifyToken: `verify-${randomUUID()}` });

function creation(overrides: Partial<SessionCreate> = {}, org = organisationId): Delivered<SessionCreate> {
  const data = { sessionId: randomUUID(), name: 'Sales', driver: 'sandbox' as const, cloud: null, ...overrides };
  return delivered(data, { organisationId: org, idempotency: idempotency() });
}

async function newSession(overrides: Partial<SessionCreate> = {}, org = organisationId): Promise<string> {
  const delivery = creation(overrides, org);
  await sessions.create(delivery);
  return delivery.data.sessionId;
}

function outgoing(sessionId: string): Delivered<MessageSend> {
  const ids = { messageId: randomUUID(), conversationId: randomUUID(), contactId: randomUUID(), providerId: randomUUID() };
  const to = { kind: 'phone' as const, value: '5511987650001' };
  return delivered({ ...ids, sessionId, to, text: 'Custa 99 reais.' }, { organisationId, chat: 'Zm9v' });
}

const received = async (sessionId: string, to?: string) => (await sandbox.received(organisationId, { sessionId, to, limit: 100 }))?.items;

beforeAll(async () => {
  world = await startWorld();
  await world.keyStore.create(INSTALLATION);
  bus = await openBus(world.nats.url, 'session');
  database = new Database({ app: 'session', url: world.databaseUrl });
  const { keyStore } = world;
  const [rows, deliveries] = [new SessionRepository(database), new SandboxRepository()];
  sessions = new SessionService(bus, database, new CommandAnswers(database, 'session'), keyStore, rows);
  const driver = new SandboxDriver(database, keyStore, deliveries);
  sends = new SendService(bus, database, keyStore, rows, new SendRepository(), driver, new CloudDriver());
  routes = new RouteService(keyStore, rows);
  sandbox = new SandboxService(database, keyStore, rows, deliveries);
});

beforeEach(async () => {
  organisationId = await newOrganisation(world);
});

afterAll(async () => {
  await database?.close();
  await bus?.connection.drain();
  await world?.stop();
});

describe(SendService.name, () => {
  it('hands a message to the sandbox customer and tells that it was sent and delivered', async () => {
    const delivery = outgoing(await newSession());

    await sends.send(delivery);

    const { messageId, conversationId, sessionId, providerId } = delivery.data;
    const at = new Date(delivery.at).toISOString();
    expect(await received(sessionId)).toEqual([
      { id: messageId, to: '5511987650001', text: 'Custa 99 reais.', providerId, at: expect.any(String) },
    ]);
    const { since, chat } = delivery;
    expect(await published(bus, MessageSent, organisationId)).toEqual([
      { id: `${sessionId}:${providerId}:sent`, chat, since, data: { messageId, conversationId, sessionId, providerId, at } },
    ]);
    expect(await published(bus, MessageAcked, organisationId)).toEqual([
      { id: `${sessionId}:${providerId}:ack:delivered`, chat, since, data: { sessionId, providerId, ack: 'delivered', at } },
    ]);
    expect(await published(bus, MessageFailed, organisationId)).toEqual([]);
  });

  it('delivered twice, one after the other and at once, sends once and says the same', async () => {
    const delivery = outgoing(await newSession());

    await sends.send(delivery);
    await Promise.all([sends.send({ ...delivery, redelivered: true }), sends.send({ ...delivery, redelivered: true })]);

    expect(await received(delivery.data.sessionId)).toHaveLength(1);
    expect(await published(bus, MessageSent, organisationId)).toHaveLength(1);
    expect(await published(bus, MessageAcked, organisationId)).toHaveLength(1);
  });

  it('delivered for the first time to two replicas at once sends once', async () => {
    const delivery = outgoing(await newSession());

    await Promise.all([1, 2, 3, 4].map(() => sends.send(delivery)));

    expect(await received(delivery.data.sessionId)).toHaveLength(1);
    expect(await query(world.adminUrl, 'select outcome from outbound_sends where org_id = $1', [organisationId])).toEqual([
      { outcome: 'delivered' },
    ]);
  });

  it.each(['sending', 'sent'])('after a crash that left %j in the ledger, tells what became of it', async (outcome) => {
    const delivery = outgoing(await newSession());
    await sends.send(delivery);
    await query(world.adminUrl, 'update outbound_sends set outcome = $2 where org_id = $1', [organisationId, outcome]);
    await bus.connection.manager.streams.purge('FACTS');

    await sends.send({ ...delivery, redelivered: true });

    const [row] = await query(world.adminUrl, 'select outcome from outbound_sends where org_id = $1', [organisationId]);
    expect(row).toEqual({ outcome: outcome === 'sending' ? 'delivered' : 'sent' });
    expect(await received(delivery.data.sessionId)).toHaveLength(1);
  });

  it('tells that the session of a message is gone, again when asked again', async () => {
    const delivery = outgoing(randomUUID());

    await sends.send(delivery);
    await sends.send({ ...delivery, redelivered: true });

    const { sessionId, providerId, messageId } = delivery.data;
    expect(await published(bus, MessageFailed, organisationId)).toMatchObject([
      { id: `${sessionId}:${providerId}:failed`, data: { messageId, reason: expect.stringContaining('no longer exists') } },
    ]);
    expect(await published(bus, MessageSent, organisationId)).toEqual([]);
  });

  it('does not send for an organisation over the session of another', async () => {
    const theirs = await newSession({}, await newOrganisation(world));

    await sends.send(outgoing(theirs));

    expect(await published(bus, MessageFailed, organisationId)).toHaveLength(1);
    expect(await query(world.adminUrl, 'select 1 from sandbox_deliveries where session_id = $1', [theirs])).toEqual([]);
  });

  it('keeps to what it said when the session is deleted afterwards', async () => {
    const delivery = outgoing(await newSession());
    await sends.send(delivery);
    await sessions.delete(delivered({ sessionId: delivery.data.sessionId }, { organisationId, idempotency: idempotency() }));

    await sends.send({ ...delivery, redelivered: true });

    expect(await published(bus, MessageFailed, organisationId)).toEqual([]);
  });

  it('tells that a Cloud API session only receives', async () => {
    const delivery = outgoing(await newSession({ driver: 'cloud', cloud: cloudOf('100') }));

    await sends.send(delivery);

    const [failed] = await published(bus, MessageFailed, organisationId);
    expect(failed?.data.reason).toContain('only receives');
    expect(await published(bus, MessageSent, organisationId)).toEqual([]);
  });
});

describe(SandboxService.name, () => {
  it('shows the messages of one customer, page by page, oldest first', async () => {
    const sessionId = await newSession();
    const to = (value: string) => ({ kind: 'phone' as const, value });
    const all = Array.from({ length: 9 }, () => outgoing(sessionId)).map((delivery, n) => ({
      ...delivery,
      data: { ...delivery.data, text: `${n}`, to: to(n % 3 === 0 ? '551' : '552') },
    }));
    for (const delivery of all) await sends.send(delivery);
    await query(world.adminUrl, "update sandbox_deliveries set at = '2026-11-22T12:00:00Z' where org_id = $1", [organisationId]);

    const first = await sandbox.received(organisationId, { sessionId, to: '552', limit: 4 });
    const second = await sandbox.received(organisationId, { sessionId, to: '552', limit: 4, cursor: first!.next! });

    const texts = [...first!.items, ...second!.items].map(({ text }) => text);
    expect(texts.toSorted()).toEqual(['1', '2', '4', '5', '7', '8']);
    expect(second!.next).toBeNull();
  });

  it('has nothing to show of other kinds of sessions and of other organisations', async () => {
    const cloud = await newSession({ driver: 'cloud', cloud: cloudOf('200') });
    const theirs = await newSession({}, await newOrganisation(world));

    expect(await sandbox.received(organisationId, { sessionId: cloud, limit: 10 })).toBeNull();
    expect(await sandbox.received(organisationId, { sessionId: theirs, limit: 10 })).toBeNull();
  });

  it('keeps texts, recipients, names and secrets sealed', async () => {
    const cloud = cloudOf('5550001112223');
    await newSession({ driver: 'cloud', name: 'Nome-Secreto', cloud });
    await sends.send(outgoing(await newSession()));

    const tables = ['sessions', 'sandbox_deliveries', 'outbound_sends', 'command_answers'];
    const each = tables.map((table) => `(select jsonb_agg(to_jsonb(t)) from ${table} t where org_id = $1) as ${table}`);
    const raw = JSON.stringify(await query(world.adminUrl, `select ${each.join(', ')}`, [organisationId]));

    expect(raw).toContain('outbound_sends":[{');
    for (const secret of ['Custa 99 reais.', '5511987650001', 'Nome-Secreto', ...Object.values(cloud)]) {
      expect(raw).not.toContain(secret);
      expect(raw).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });
});

describe(SessionService.name, () => {
  it('makes a session, answers with it and tells it; delivered twice, once', async () => {
    const delivery = creation({ driver: 'cloud', cloud: cloudOf('300'), name: 'Support' });

    const results = [await sessions.create(delivery), await sessions.create({ ...delivery, redelivered: true })];

    const { sessionId } = delivery.data;
    const session = {
      id: sessionId,
      name: 'Support',
      driver: 'cloud',
      state: 'connected',
      phoneNumberId: '300',
      createdAt: expect.any(String),
    };
    expect(results[0]).toEqual({ status: 'done', answer: session });
    expect(results[1]).toEqual(results[0]);
    expect(await sessions.byId(organisationId, sessionId)).toEqual(session);
    expect((await published(bus, SessionChanged, organisationId)).map(({ data }) => [data.sessionId, data.deleted])).toEqual([
      [sessionId, false],
    ]);
  });

  it('refuses a key that was used for another session', async () => {
    const delivery = creation();
    await sessions.create(delivery);
    const another = creation();

    const result = await sessions.create({ ...another, idempotency: { ...delivery.idempotency!, requestHash: 'other' } });

    expect(result).toMatchObject({ status: 'refused', problem: { status: 422 } });
    expect(await sessions.byId(organisationId, another.data.sessionId)).toBeNull();
  });

  it('lists the sessions of an organisation page by page, each once', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => newSession()));
    await newSession({}, await newOrganisation(world));
    await query(world.adminUrl, "update sessions set created_at = '2026-11-22T12:00:00Z' where org_id = $1", [organisationId]);
    const listed: string[] = [];

    for (let cursor: string | undefined, more = true; more;) {
      const { items, next } = await sessions.list(organisationId, { cursor, limit: 3 });
      listed.push(...items.map(({ id }) => id));
      cursor = next ?? undefined;
      more = next !== null;
    }

    expect(listed).toEqual(ids.toSorted());
  });

  it('deletes a session, tells it, and finds it no more', async () => {
    const cloud = cloudOf('400');
    const sessionId = await newSession({ driver: 'cloud', cloud });
    const deletion = delivered({ sessionId }, { organisationId, idempotency: idempotency() });

    const results = [await sessions.delete(deletion), await sessions.delete({ ...deletion, redelivered: true })];

    expect(results).toMatchObject([1, 2].map(() => ({ status: 'done', answer: { id: sessionId } })));
    expect(await sessions.byId(organisationId, sessionId)).toBeNull();
    expect(await sessions.diagnostics(organisationId, sessionId, { limit: 10 })).toBeNull();
    expect(await routes.cloudRoutes('400')).toEqual([]);
    expect(await routes.isVerifyToken(cloud.verifyToken)).toBe(false);
    const told = await published(bus, SessionChanged, organisationId);
    expect(told.map(({ data }) => data.deleted)).toEqual([false, true]);
  });

  it('refuses to delete what is not there, or belongs to somebody else', async () => {
    const theirOrganisation = await newOrganisation(world);
    const theirs = await newSession({}, theirOrganisation);
    const results = await Promise.all(
      [randomUUID(), theirs].map((sessionId) => sessions.delete(delivered({ sessionId }, { organisationId, idempotency: idempotency() }))),
    );

    expect(results).toMatchObject([1, 2].map(() => ({ status: 'refused', problem: { status: 404 } })));
    expect(await sessions.byId(theirOrganisation, theirs)).toMatchObject({ id: theirs });
  });

  it('keeps what puzzled it once, newest first, page by page', async () => {
    const sessionId = await newSession();
    const at = '2026-11-22T12:00:00.000Z';
    const oddities = [1, 2, 3, 4, 5].map((n) => delivered({ sessionId, what: `field ${n}`, detail: 'unknown', at }, { organisationId }));
    for (const oddity of [...oddities, ...oddities]) await sessions.noteOddity(oddity);
    await sessions.noteOddity(delivered({ sessionId, what: 'newest', detail: '', at: '2026-11-22T13:00:00.000Z' }, { organisationId }));

    const first = await sessions.diagnostics(organisationId, sessionId, { limit: 4 });
    const second = await sessions.diagnostics(organisationId, sessionId, { limit: 4, cursor: first!.next! });

    const whats = [...first!.items, ...second!.items].map(({ what }) => what);
    expect(whats[0]).toBe('newest');
    expect(whats.toSorted()).toEqual(['field 1', 'field 2', 'field 3', 'field 4', 'field 5', 'newest']);
    expect(second!.next).toBeNull();
    expect(await sessions.diagnostics(await newOrganisation(world), sessionId, { limit: 4 })).toBeNull();
  });
});

describe(RouteService.name, () => {
  it('finds every session that claims a number, of any organisation, each with its own secret', async () => {
    const [mine, theirs] = [cloudOf('5511'), cloudOf('5511')];
    const rival = await newOrganisation(world);
    const here = await newSession({ driver: 'cloud', cloud: mine });
    const there = await newSession({ driver: 'cloud', cloud: theirs }, rival);
    await newSession({ driver: 'cloud', cloud: cloudOf('55112') });

    const found = (await routes.cloudRoutes('5511')).toSorted((a, b) => a.sessionId.localeCompare(b.sessionId));

    const expected = [
      { organisationId, sessionId: here, appSecret: mine.appSecret },
      { organisationId: rival, sessionId: there, appSecret: theirs.appSecret },
    ];
    expect(found).toEqual(expected.toSorted((a, b) => a.sessionId.localeCompare(b.sessionId)));
    expect(await routes.cloudRoutes('551')).toEqual([]);
  });

  it('knows verify tokens, and takes nothing else for one', async () => {
    const cloud = cloudOf('600');
    await newSession({ driver: 'cloud', cloud });

    expect(await routes.isVerifyToken(cloud.verifyToken)).toBe(true);
    expect(await routes.isVerifyToken(cloud.appSecret)).toBe(false);
    expect(await routes.isVerifyToken(cloud.phoneNumberId)).toBe(false);
    expect(await routes.cloudRoutes(cloud.verifyToken)).toEqual([]);
  });
});
