import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Controller } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Answer, type Asked, type Bus, type Delivered } from '#bus';
import { MessageAnalysed, type MessageStored, OrganisationSettings, SettingsOfOrganisation } from '#contracts';
import { Database } from '#db';
import { Cache, connectRedis } from '#redis';
import { delivered, newOrganisation, openBus, published, query, serveOnBus, startWorld, type World } from '#testing';
import { AnalysisRepository } from './analysis.repository.js';
import { AnalysisService } from './analysis.service.js';
import { RuleTier } from './instant/rule-tier.js';

const settings = new Map<string, Partial<OrganisationSettings>>();

/** The config app, as far as analysis knows it. */
@Controller()
class Settings {
  @Answer(SettingsOfOrganisation)
  async of({ organisationId }: Asked<Record<string, never>>): Promise<OrganisationSettings> {
    return OrganisationSettings.parse(settings.get(organisationId) ?? {});
  }
}

let world: World;
let bus: Bus;
let database: Database;
let redis: ReturnType<typeof connectRedis>;
let analyses: AnalysisService;
let stopSettings: () => Promise<void>;
let organisationId: string;

function stored(overrides: Partial<MessageStored> = {}, of = organisationId): Delivered<MessageStored> {
  const ids = { messageId: randomUUID(), conversationId: randomUUID(), contactId: randomUUID(), sessionId: randomUUID() };
  const data: MessageStored = {
    ...ids,
    providerId: randomUUID(),
    direction: 'inbound',
    type: 'text',
    text: 'Oi, quanto custa o plano anual?',
    timestamp: '2026-11-22T12:00:00.000Z',
    timeFlag: null,
    seq: 1,
    ack: null,
    sentBy: null,
    customerName: 'Maria Souza',
    ...overrides,
  };
  return delivered(data, { organisationId: of, chat: 'Zm9v' });
}

/** The service in a process of its own: it remembers nothing of what the others read. */
const replica = () =>
  new AnalysisService(bus, database, world.keyStore, new Cache(redis, 'cache:'), new RuleTier(), new AnalysisRepository(database));

const rowsOf = (id = organisationId) => query<{ message_id: string }>(world.adminUrl, 'select * from analysis where org_id = $1', [id]);

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'analysis');
  stopSettings = await serveOnBus(bus, { controllers: [Settings] });
  database = new Database({ app: 'analysis', url: world.databaseUrl });
  redis = connectRedis(world.redis.url, 'analysis');
  await once(redis, 'ready');
  analyses = replica();
});

beforeEach(async () => {
  organisationId = await newOrganisation(world);
});

afterAll(async () => {
  redis?.disconnect();
  await stopSettings?.();
  await database?.close();
  await bus?.connection.drain();
  await world?.stop();
});

describe(AnalysisService.name, () => {
  it('understands what a customer wrote, keeps it, and tells it', async () => {
    const delivery = stored();

    await analyses.analyseStored([delivery]);

    const { messageId, conversationId, contactId, sessionId } = delivery.data;
    const [analysis] = await analyses.ofMessage(organisationId, messageId);
    expect(analysis).toMatchObject({ messageId, tier: 'instant', modelVersion: 'rules-1', language: 'pt', intent: 'price_question' });
    expect(analysis?.suggestions.length).toBeGreaterThan(0);
    expect(await published(bus, MessageAnalysed, organisationId)).toEqual([
      {
        id: `${messageId}:analysed:instant:rules-1`,
        chat: 'Zm9v',
        since: delivery.since,
        data: { conversationId, contactId, sessionId, analysis },
      },
    ]);
  });

  it('delivered twice, in one batch and after a crash before the ack, is one row and one event', async () => {
    const delivery = stored();

    await analyses.analyseStored([delivery, delivery]);
    const [rows, told] = [await rowsOf(), await published(bus, MessageAnalysed, organisationId)];
    await analyses.analyseStored([{ ...delivery, redelivered: true }]);

    expect(rows).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(await rowsOf()).toEqual(rows);
    expect(await published(bus, MessageAnalysed, organisationId)).toEqual(told);
  });

  it('tells again, after the stream forgot, what it understood the first time', async () => {
    const delivery = stored();
    await analyses.analyseStored([delivery]);
    const { streams } = bus.connection.manager;
    const [told] = await published(bus, MessageAnalysed, organisationId);
    await streams.update('FACTS', { duplicate_window: 100_000_000 });
    await streams.purge('FACTS');
    await new Promise((resolve) => setTimeout(resolve, 400));

    await analyses.analyseStored([{ ...delivery, redelivered: true }]);

    await streams.update('FACTS', { duplicate_window: 120_000_000_000 });
    const [again] = await published(bus, MessageAnalysed, organisationId);
    const withoutTime = (event: typeof told) =>
      event && { ...event, data: { ...event.data, analysis: { ...event.data.analysis, analysedAt: '' } } };
    expect(withoutTime(again)).toEqual(withoutTime(told));
    expect(again).toBeDefined();
  });

  it('does nothing where the organisation does not want it, also beside one that does', async () => {
    const unwilling = await newOrganisation(world);
    settings.set(unwilling, { analysis: false });
    const [mine, theirs] = [stored(), stored({}, unwilling)];

    await analyses.analyseStored([theirs, mine]);

    expect((await rowsOf()).map((row) => row.message_id)).toEqual([mine.data.messageId]);
    expect(await rowsOf(unwilling)).toEqual([]);
    expect(await published(bus, MessageAnalysed, unwilling)).toEqual([]);
  });

  it('passes over what agents write and what has no text', async () => {
    const understood = stored({ text: '' });
    const batch = [stored({ direction: 'outbound' }), stored({ text: null, type: 'image' }), understood];

    await analyses.analyseStored(batch);

    expect((await rowsOf()).map((row) => row.message_id)).toEqual([understood.data.messageId]);
    expect(await published(bus, MessageAnalysed, organisationId)).toHaveLength(1);
  });

  it.each([
    ['words', 'quero comprar o plano anual agora '.repeat(3_000)],
    ['one word', 'x'.repeat(100_000)],
    ['emoji', '🎉'.repeat(50_000)],
    ['signs', '.,!?;:'.repeat(17_000)],
  ])('takes 100 kB of %s, without keeping others waiting', async (_, text) => {
    const delivery = stored({ text });
    const begin = performance.now();

    await analyses.analyseStored([delivery]);

    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(await analyses.ofMessage(organisationId, delivery.data.messageId)).toHaveLength(1);
  });

  it.each(['en', 'es', 'pt'] as const)('answers a language it does not know in that of the organisation: %s', async (language) => {
    settings.set(organisationId, { language });
    const [unknown, known] = [stored({ text: '👍' }), stored({ text: 'Hola, ¿cuánto cuesta el plan anual?' })];
    const likeIt = new RuleTier().understand({ text: '👍', fallbackLanguage: language, customerName: 'Maria Souza' });

    await analyses.analyseStored([unknown, known]);

    const [of, ofKnown] = [unknown, known].map(({ data }) => analyses.ofMessage(organisationId, data.messageId));
    expect(await of).toMatchObject([{ language: 'und', suggestions: likeIt.suggestions, nextAction: likeIt.nextAction }]);
    expect(await ofKnown).toMatchObject([{ language: 'es' }]);
  });

  it('speaks three languages, so that the fallback is to be seen', () => {
    const replies = (['pt', 'en', 'es'] as const).map((fallbackLanguage) =>
      JSON.stringify(new RuleTier().understand({ text: '👍', fallbackLanguage, customerName: null }).nextAction),
    );

    expect(new Set(replies).size).toBe(3);
  });

  it('keeps suggestions and the next step sealed', async () => {
    const delivery = stored();
    await analyses.analyseStored([delivery]);
    const [analysis] = await analyses.ofMessage(organisationId, delivery.data.messageId);
    const rows = await query<{ row: unknown }>(world.adminUrl, 'select to_jsonb(a) as row from analysis a where org_id = $1', [
      organisationId,
    ]);

    const raw = JSON.stringify(rows);

    expect(raw).toContain('price_question');
    const secrets = [
      ...(analysis?.suggestions ?? []).map(({ text }) => text),
      analysis?.nextAction.text ?? '',
      delivery.data.text ?? '',
      'Maria',
    ];
    for (const secret of secrets) {
      expect(raw).not.toContain(secret);
      expect(raw).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('shows another organisation nothing', async () => {
    const delivery = stored();
    await analyses.analyseStored([delivery]);

    expect(await analyses.ofMessage(organisationId, delivery.data.messageId)).toHaveLength(1);
    expect(await analyses.ofMessage(await newOrganisation(world), delivery.data.messageId)).toEqual([]);
  });

  it('takes the settings from the cache, and does without it', async () => {
    await replica().analyseStored([stored()]);
    settings.set(organisationId, { analysis: false });
    await replica().analyseStored([stored()]);
    expect(await rowsOf()).toHaveLength(2);
    await world.killRedis();

    await replica().analyseStored([stored()]);
    settings.set(organisationId, { analysis: true });
    await replica().analyseStored([stored()]);

    expect(await rowsOf()).toHaveLength(3);
  });
});
