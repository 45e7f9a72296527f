import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, Delivered } from '#bus';
import { OrganisationSettings, SettingsChanged, type SettingsUpdate } from '#contracts';
import { CommandAnswers, Database } from '#db';
import { Cache, connectRedis, settingsKey } from '#redis';
import { delivered, newOrganisation, openBus, published, query, startWorld, type World } from '#testing';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';

let world: World;
let bus: Bus;
let database: Database;
let redis: ReturnType<typeof connectRedis>;
let settings: SettingsService;
let organisationId: string;

const DEFAULTS = { language: 'pt', timezone: 'America/Sao_Paulo', analysis: true };
const keyOf = (id = organisationId) => `cache:${settingsKey('organisation', id)}`;

function update(value: Partial<OrganisationSettings>, org = organisationId): Delivered<SettingsUpdate> {
  const data = { scope: 'organisation' as const, subject: org, value: OrganisationSettings.parse(value) };
  return delivered(data, { organisationId: org, idempotency: { client: 'crm', key: randomUUID(), requestHash: 'h' } });
}

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'config');
  database = new Database({ app: 'config', url: world.databaseUrl });
  redis = connectRedis(world.redis.url, 'config');
  await once(redis, 'ready');
  const answers = new CommandAnswers(database, 'config');
  settings = new SettingsService(bus, database, answers, world.keyStore, new SettingsRepository(), new Cache(redis, 'cache:'));
});

beforeEach(async () => {
  organisationId = await newOrganisation(world);
});

afterAll(async () => {
  redis?.disconnect();
  await database?.close();
  await bus?.connection.drain();
  await world?.stop();
});

describe(SettingsService.name, () => {
  it('has a default for everything that was never set', async () => {
    expect(await settings.ofOrganisation(organisationId)).toEqual(DEFAULTS);
  });

  it('changes settings, answers with them, tells it, and reads them at once', async () => {
    expect(await settings.ofOrganisation(organisationId)).toEqual(DEFAULTS);
    const delivery = update({ language: 'en', analysis: false });

    const result = await settings.update(delivery);

    const value = { language: 'en', timezone: 'America/Sao_Paulo', analysis: false };
    expect(result).toEqual({ status: 'done', answer: value });
    expect(await settings.ofOrganisation(organisationId)).toEqual(value);
    expect(await published(bus, SettingsChanged, organisationId)).toMatchObject([
      { id: `${delivery.id}:changed`, data: { scope: 'organisation', subject: organisationId } },
    ]);
  });

  it('carries a command out once, however often it is delivered', async () => {
    const first = update({ language: 'en' });
    const result = await settings.update(first);
    await settings.update(update({ language: 'es' }));

    expect(await settings.update({ ...first, redelivered: true })).toEqual(result);

    expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'es' });
    expect(await query(world.adminUrl, 'select version from settings where org_id = $1', [organisationId])).toEqual([{ version: 2 }]);
    expect(await published(bus, SettingsChanged, organisationId)).toHaveLength(2);
    expect(await settings.recordedAnswer(organisationId, first.idempotency!)).toEqual(result);
  });

  it('refuses a key that was used for another change', async () => {
    const first = update({ language: 'en' });
    await settings.update(first);

    const result = await settings.update({ ...update({ language: 'es' }), idempotency: { ...first.idempotency!, requestHash: 'other' } });

    expect(result).toMatchObject({ status: 'refused', problem: { status: 422 } });
    expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'en' });
  });

  it('answers from the cache until it is told of a change', async () => {
    await settings.ofOrganisation(organisationId);
    await query(
      world.adminUrl,
      `insert into settings (org_id, scope, subject, value) values ($1::uuid, 'organisation', $1::uuid::text, '{"language":"es"}')`,
      [organisationId],
    );
    expect(await settings.ofOrganisation(organisationId)).toEqual(DEFAULTS);

    await settings.forget(delivered({ scope: 'organisation', subject: organisationId }, { organisationId }));

    expect(await settings.ofOrganisation(organisationId)).toEqual({ ...DEFAULTS, language: 'es' });
  });

  it.each(['{', 'null', '{"language":"xx"}', '{"unknown":1}', '[]'])(
    'takes %j in the cache for nothing, and puts it right',
    async (entry) => {
      await settings.update(update({ language: 'en' }));
      await redis.set(keyOf(), entry);

      expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'en' });
      expect(JSON.parse((await redis.get(keyOf())) ?? '')).toMatchObject({ language: 'en' });
    },
  );

  it('lets what it cached end by itself', async () => {
    await settings.ofOrganisation(organisationId);

    expect(await redis.ttl(keyOf())).toBeGreaterThan(0);
  });

  it('keeps organisations apart', async () => {
    const rival = await newOrganisation(world);
    await settings.update(update({ language: 'en' }));

    expect(await settings.ofOrganisation(rival)).toEqual(DEFAULTS);
  });

  it('answers and changes without Redis, and uses it again when it is back', async () => {
    await settings.update(update({ language: 'en' }));
    await settings.ofOrganisation(organisationId);
    await world.killRedis();

    expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'en' });
    await settings.update(update({ language: 'es' }));
    expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'es' });

    await world.restartRedis();
    await expect.poll(() => redis.status, { timeout: 10_000 }).toBe('ready');
    expect(await settings.ofOrganisation(organisationId)).toMatchObject({ language: 'es' });
    expect(await redis.get(keyOf())).toContain('"es"');
  });
});
