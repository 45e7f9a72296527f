import { randomUUID } from 'node:crypto';
import { Controller, type Type } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CommandDefinition, type CommandResult, defineCommand, defineQuestion, type Idempotency, recordedAnswer } from '#contracts';
import { newParcel, openBus, serveOnBus, startWorld, type World } from '#testing';
import { Answer, type Asked, type Bus, BusAway, Carries, type CommandOptions, type Delivered, NoAnswer } from './index.js';
import { filterOf } from './subject.js';

const organisationId = randomUUID();
const Wish = z.object({ to: z.string() });
const Granted = z.object({ granted: z.string() });
type WishCommand = CommandDefinition<typeof Wish, typeof Granted>;

let world: World;
let bus: Bus;
const stops: (() => Promise<void>)[] = [];

const serve = async (controllers: Type[]) => void stops.push(await serveOnBus(bus, { controllers }));
const newWish = (): WishCommand =>
  defineCommand({ name: `wish.n${randomUUID().replaceAll('-', '')}`, version: 1, owner: 'config', schema: Wish, answer: Granted });
const under = (key: string, more: Partial<CommandOptions> = {}): CommandOptions => ({
  organisationId,
  by: 'ana',
  idempotency: { client: 'crm', key, requestHash: 'h' },
  ...more,
});

/** The owner of a command, with the record of what it answered. */
function ownerOf(command: WishCommand, carryOut: (delivery: Delivered<z.infer<typeof Wish>>) => Promise<CommandResult>): Type {
  const record = new Map<string, CommandResult>();
  @Controller()
  class Owner {
    @Carries(command)
    async carry(delivery: Delivered<z.infer<typeof Wish>>): Promise<CommandResult> {
      const result = await carryOut(delivery);
      record.set(delivery.idempotency?.key ?? '', result);
      return result;
    }

    @Answer(recordedAnswer('config'))
    async recorded({ input }: Asked<Idempotency>): Promise<CommandResult | null> {
      return record.get(input.key) ?? null;
    }
  }
  return Owner;
}
const granted = (delivery: Delivered<z.infer<typeof Wish>>): Promise<CommandResult> =>
  Promise.resolve({ status: 'done', answer: { granted: delivery.data.to } });

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url);
});

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

afterAll(async () => {
  await bus?.connection.drain();
  await world?.stop();
});

describe('publishing', () => {
  it('puts the same id into the stream once', async () => {
    const event = newParcel('INBOX');
    const options = { organisationId, id: randomUUID(), chat: 'Zm9v' };

    await Promise.all([1, 2, 3].map(() => bus.publish(event, options, { n: 1 })));
    await bus.publish(event, options, { n: 1 });

    const { state } = await bus.connection.manager.streams.info('INBOX', { subjects_filter: filterOf(event) });
    expect(state.subjects).toEqual({ [`inbox.${event.name}.${organisationId}.Zm9v`]: 1 });
  });

  it('confirms thousands at once, each to the one who waits for it', async () => {
    const event = newParcel();
    const ids = Array.from({ length: 3_000 }, (_, n) => `${event.name}:${n}`);

    await Promise.all(ids.map((id, n) => bus.publish(event, { organisationId, id }, { n })));

    const { state } = await bus.connection.manager.streams.info('FACTS', { subjects_filter: filterOf(event) });
    expect(Object.values(state.subjects ?? {})).toEqual([3_000]);
  });

  it('knows ids apart whatever a provider put into them', async () => {
    const event = newParcel();
    const odd = ['a', 'a\r\nNats-Msg-Id: b', 'a\r\n', 'é', 'e\u0301', '👋', 'a b', '\ud83d', 'x'.repeat(2_000)];

    for (const id of [...odd, ...odd]) await bus.publish(event, { organisationId, id: `${event.name}:${id}` }, { n: 1 });

    const { state } = await bus.connection.manager.streams.info('FACTS', { subjects_filter: filterOf(event) });
    expect(Object.values(state.subjects ?? {})).toEqual([odd.length]);
  });

  it('keeps the trace and the start of what caused it', async () => {
    const event = newParcel();
    const cause = { trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', since: 1_700_000_000_000 };

    await bus.publish(event, { organisationId, id: randomUUID(), cause }, { n: 1 });

    const stored = await bus.connection.manager.streams.getMessage('FACTS', { last_by_subj: filterOf(event) });
    expect(stored?.json()).toMatchObject({ since: cause.since, trace: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-/) });
    expect(stored?.json<{ trace: string }>().trace).not.toBe(cause.trace);
  });

  it('is refused loudly when a message is larger than the broker takes', async () => {
    const event = newParcel();

    await expect(bus.publish(event, { organisationId, id: randomUUID() }, { n: 1, text: 'x'.repeat(9_000_000) })).rejects.toThrow(BusAway);
    expect(bus.connection.up).toBe(true);
  });
});

describe('a command', () => {
  it('is answered by its owner, who is told whose wish it is', async () => {
    const command = newWish();
    const carried: Delivered<unknown>[] = [];
    await serve([
      ownerOf(command, (delivery) => {
        carried.push(delivery);
        return granted(delivery);
      }),
    ]);

    const outcome = await bus.command(command, under('k1', { chat: 'Zm9v' }), { to: 'reply' });

    expect(outcome).toEqual({ status: 'done', answer: { granted: 'reply' } });
    expect(carried).toMatchObject([
      { organisationId, by: 'ana', chat: 'Zm9v', idempotency: { client: 'crm', key: 'k1', requestHash: 'h' } },
    ]);
  });

  it('repeated under the same key is carried out once and gets the recorded answer', async () => {
    const command = newWish();
    let carried = 0;
    await serve([
      ownerOf(command, (delivery) => {
        carried += 1;
        return granted({ ...delivery, data: { to: `number ${carried}` } });
      }),
    ]);

    const outcomes = await Promise.all(
      ['again', 'again', 'again', 'other'].map((key) => bus.command(command, under(key), { to: 'reply' })),
    );
    const later = await bus.command(command, under('again'), { to: 'reply' });

    expect(carried).toBe(2);
    expect(new Set(outcomes.slice(0, 3).map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(later).toEqual(outcomes[0]);
    expect(outcomes[3]).not.toEqual(outcomes[0]);
  });

  it('refused by its owner says so', async () => {
    const command = newWish();
    const problem = { type: 'about:blank', title: 'Not Found', status: 404 };
    await serve([ownerOf(command, () => Promise.resolve({ status: 'refused', problem }))]);

    expect(await bus.command(command, under('k2'), { to: 'reply' })).toEqual({ status: 'refused', problem });
  });

  it('whose owner is away is pending after two seconds, and carried out when the owner comes', async () => {
    const command = newWish();
    const carried: unknown[] = [];
    const begin = performance.now();

    const outcome = await bus.command(command, under('k3'), { to: 'reply' });
    const waited = performance.now() - begin;
    await serve([
      ownerOf(command, (delivery) => {
        carried.push(delivery.data);
        return granted(delivery);
      }),
    ]);

    expect(outcome).toEqual({ status: 'pending' });
    expect(waited).toBeGreaterThan(1_900);
    expect(waited).toBeLessThan(2_500);
    await expect.poll(() => carried).toEqual([{ to: 'reply' }]);
  });
});

describe('a question', () => {
  const Sum = defineQuestion({
    name: 'sum.of',
    owner: 'analysis',
    schema: z.object({ a: z.number(), b: z.number().default(1) }),
    answer: z.object({ sum: z.number() }),
  });
  const Broken = defineQuestion({ name: 'sum.broken', owner: 'analysis', schema: z.object({}), answer: z.number() });
  const Silent = defineQuestion({ name: 'sum.silent', owner: 'analysis', schema: z.object({}), answer: z.number() });

  @Controller()
  class Sums {
    @Answer(Sum)
    async sum({ organisationId: asker, input }: Asked<{ a: number; b: number }>): Promise<{ sum: number }> {
      return { sum: asker === organisationId ? input.a + input.b : 0 };
    }

    @Answer(Broken)
    broken(_asked: Asked<Record<string, never>>): Promise<number> {
      return Promise.reject(new Error('segredo'));
    }

    @Answer(Silent)
    silent(_asked: Asked<Record<string, never>>): Promise<number> {
      return new Promise(() => undefined);
    }
  }

  it('is answered by one of its owners, for the organisation it is asked for', async () => {
    await serve([Sums]);
    await serve([Sums]);

    expect(await bus.ask(Sum, organisationId, { a: 2, b: 3 })).toEqual({ sum: 5 });
    expect(await bus.ask(Sum, organisationId, { a: 2 })).toEqual({ sum: 3 });
    expect(await bus.ask(Sum, randomUUID(), { a: 2, b: 3 })).toEqual({ sum: 0 });
  });

  it('with nobody there fails at once, with a silent owner within three seconds', async () => {
    const begin = performance.now();
    await expect(bus.ask(Sum, organisationId, { a: 1 })).rejects.toThrow(NoAnswer);
    expect(performance.now() - begin).toBeLessThan(1_000);

    await serve([Sums]);
    const again = performance.now();
    await expect(bus.ask(Silent, organisationId, {})).rejects.toThrow(NoAnswer);
    expect(performance.now() - again).toBeLessThan(3_500);
  });

  it('whose owner fails is not answered, and the failure stays with the owner', async () => {
    await serve([Sums]);

    const failure = await bus.ask(Broken, organisationId, {}).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(NoAnswer);
    expect(String(failure)).not.toContain('segredo');
  });

  it('that its owner cannot read is not answered', async () => {
    await serve([Sums]);

    await expect(bus.ask(Sum, organisationId, { a: 'two' } as unknown as { a: number })).rejects.toThrow(NoAnswer);
  });
});
