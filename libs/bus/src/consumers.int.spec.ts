import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MsgRequest } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eachParcel, newParcel, openBus, parcelBatches, type ParcelEvent, serveOnBus, startWorld, type World } from '#testing';
import { type Bus, type Delivered, Poison } from './index.js';
import { durableName, filterOf, subjectOf } from './subject.js';

class Away extends Error {}
class DataError extends Error {
  override readonly name = 'DataError';
}
const judge = (error: unknown) => (error instanceof Away ? 'away' : error instanceof DataError ? 'poison' : 'unknown');
const organisationId = randomUUID();

let world: World;
let bus: Bus;
const stops: (() => Promise<void>)[] = [];

const serve = async (...controllers: Parameters<typeof serveOnBus>[1]['controllers']) => {
  const stop = await serveOnBus(bus, { controllers, judge });
  stops.push(stop);
  return stop;
};
const publish = (event: ParcelEvent, n: number, more: { id?: string; text?: string } = {}) =>
  bus.publish(event, { organisationId, id: more.id ?? `${event.name}:${n}` }, { n, text: more.text ?? '' });
const publishRaw = (event: ParcelEvent, bytes: string | Uint8Array) =>
  bus.connection.jetstream.publish(subjectOf(event, organisationId), bytes, { msgID: randomUUID() });
const consumerOf = (event: ParcelEvent) => bus.connection.manager.consumers.info(event.stream, durableName(bus.app, event));
/** Every dead letter of one event, oldest first. */
const deadLetters = async (event: ParcelEvent) => {
  const letters = [];
  let from = 0;
  for (;;) {
    // the client's types do not know `next_by_subj` here, the server does
    const next = { seq: from + 1, next_by_subj: `dead.${filterOf(event)}` } as MsgRequest;
    const letter = await bus.connection.manager.streams.getMessage('DEAD', next);
    if (!letter) return letters;
    from = letter.seq;
    const note = (name: string) => letter.header.get(name);
    letters.push({
      text: letter.string(),
      consumer: note('Alra-Consumer'),
      error: note('Alra-Error'),
      reason: note('Alra-Reason'),
      id: note('Alra-Msg-Id'),
    });
  }
};
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

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

describe('a consumer', () => {
  it('gets each message once, in order, with what came with it', async () => {
    const event = newParcel('INBOX');
    const seen: Delivered<unknown>[] = [];
    await serve(eachParcel(event, async (delivery) => void seen.push(delivery)));

    for (const n of numbers(5)) await publish(event, n);
    await expect.poll(() => seen.length).toBe(5);
    await sleep(100);

    expect(seen.map(({ data }) => data)).toEqual(numbers(5).map((n) => ({ n, text: '' })));
    expect(seen[0]).toMatchObject({ id: `${event.name}:0`, organisationId, chat: '-', redelivered: false, by: undefined });
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(new Set(seen.map(({ trace }) => trace)).size).toBe(5);
  });

  it('gets what was said before it first started', async () => {
    const event = newParcel();
    await publish(event, 1);
    const seen: number[] = [];

    await serve(eachParcel(event, async ({ data }) => void seen.push(data.n)));

    await expect.poll(() => seen).toEqual([1]);
  });

  it('acknowledges after its handler, never before', async () => {
    const event = newParcel();
    let done: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (done = resolve));
    let started = false;
    await serve(
      eachParcel(event, () => {
        started = true;
        return work;
      }),
    );

    await publish(event, 1);
    await expect.poll(() => started).toBe(true);
    await sleep(150);
    const during = await consumerOf(event);
    done();

    expect(during).toMatchObject({ num_ack_pending: 1, ack_floor: { consumer_seq: 0 } });
    await expect.poll(async () => (await consumerOf(event)).ack_floor.consumer_seq).toBe(1);
    expect(await consumerOf(event)).toMatchObject({ num_ack_pending: 0, num_redelivered: 0 });
  });

  it('hears once what was published three times at once, however many replicas listen', async () => {
    const event = newParcel('INBOX');
    const seen: number[] = [];
    const replica = eachParcel(event, async ({ data }) => void seen.push(data.n));
    await serve(replica);
    await serve(replica);

    await Promise.all(numbers(60).flatMap((n) => [publish(event, n), publish(event, n), publish(event, n)]));
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(60);
    await sleep(200);

    expect(seen.toSorted((a, b) => a - b)).toEqual(numbers(60));
  });

  it('of an earlier version with other settings is brought up to date', async () => {
    const event = newParcel();
    const name = durableName(bus.app, event);
    await bus.connection.manager.consumers.add(event.stream, {
      durable_name: name,
      filter_subject: filterOf(event),
      ack_policy: 'explicit',
      max_ack_pending: 7,
    });
    const seen: number[] = [];

    await serve(eachParcel(event, async ({ data }) => void seen.push(data.n)));
    await publish(event, 1);

    await expect.poll(() => seen).toEqual([1]);
    expect((await consumerOf(event)).config.max_ack_pending).toBe(1_000);
  });
});

describe('a batch', () => {
  it('gathers while its handler works', async () => {
    const event = newParcel();
    const batches: number[][] = [];
    let done: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (done = resolve));
    await serve(
      parcelBatches(
        event,
        (batch) => {
          batches.push(batch.map(({ data }) => data.n));
          return batches.length === 1 ? first : Promise.resolve();
        },
        8,
      ),
    );

    await publish(event, 0);
    await expect.poll(() => batches.length).toBe(1);
    for (const n of numbers(10)) await publish(event, n + 1);
    await expect.poll(async () => (await consumerOf(event)).num_ack_pending).toBe(11);
    await sleep(100);
    done();
    await expect.poll(() => batches.flat().length).toBe(11);

    expect(batches).toEqual([[0], [1, 2, 3, 4, 5, 6, 7, 8], [9, 10]]);
  });

  it('of 50 loses only its poison message, which lies in DEAD as it came', async () => {
    const event = newParcel('INBOX');
    const handled: number[] = [];
    let done: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (done = resolve));
    const sizes: number[] = [];
    await serve(
      parcelBatches(event, async (batch) => {
        sizes.push(batch.length);
        if (sizes.length === 1) await first;
        if (batch.some(({ data }) => data.n === 17)) throw new Poison('a rule says no');
        handled.push(...batch.map(({ data }) => data.n));
      }),
    );

    await publish(event, 100);
    await expect.poll(() => sizes).toEqual([1]);
    for (const n of numbers(50)) await publish(event, n, { text: `segredo ${n}` });
    await expect.poll(async () => (await consumerOf(event)).num_ack_pending).toBe(51);
    await sleep(100);
    done();
    await expect.poll(async () => (await consumerOf(event)).ack_floor.consumer_seq).toBe(51);

    expect(sizes[1]).toBe(50);
    expect(handled).toEqual([100, ...numbers(50).filter((n) => n !== 17)]);
    const letters = await deadLetters(event);
    expect(letters).toMatchObject([
      { consumer: durableName(bus.app, event), error: 'Poison', reason: 'a rule says no', id: `${event.name}:17` },
    ]);
    expect(JSON.parse(letters[0]?.text ?? '')).toMatchObject({ org: organisationId, v: 1, data: { n: 17, text: 'segredo 17' } });
  });
});

describe('a message that can never be handled', () => {
  it('goes to DEAD at once when it does not parse, and those around it are handled', async () => {
    const event = newParcel('INBOX');
    const seen: number[] = [];
    const poison = {
      'not JSON': '{"org": segredo 529.982.247-25',
      'not UTF-8': Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
      'not an envelope: v invalid_type, org invalid_type, at invalid_type, since invalid_type, trace invalid_type, data invalid_type':
        '{"segredo":"529.982.247-25"}',
    };
    const envelope = { v: 1, org: organisationId, at: 1, since: 1, trace: '' };
    await publish(event, 1);
    for (const bytes of Object.values(poison)) await publishRaw(event, bytes);
    await publishRaw(event, JSON.stringify({ ...envelope, data: { n: 'segredo 529.982.247-25' } }));
    await publishRaw(event, JSON.stringify({ ...envelope, v: 2, data: { n: 1 } }));
    await publish(event, 2);

    const started = performance.now();
    await serve(eachParcel(event, async ({ data }) => void seen.push(data.n)));
    await expect.poll(() => seen).toEqual([1, 2]);

    expect(performance.now() - started).toBeLessThan(2_000);
    const letters = await deadLetters(event);
    expect(letters.map(({ error, reason }) => [error, reason])).toEqual([
      ['Poison', 'not JSON'],
      ['Poison', 'not JSON'],
      ['Poison', Object.keys(poison)[2]],
      ['Poison', `not a ${event.name}: n invalid_type`],
      ['Poison', 'version 2 is newer than 1'],
    ]);
    expect(letters[0]?.text).toBe(poison['not JSON']);
    await expect.poll(async () => (await consumerOf(event)).num_ack_pending).toBe(0);
  });

  it('goes to DEAD at once when the app says so, without the words of a driver that may quote the row', async () => {
    const event = newParcel();
    let calls = 0;
    await serve(
      eachParcel(event, () => {
        calls += 1;
        return Promise.reject(new DataError('Failing row contains (segredo)'));
      }),
    );

    await publish(event, 1);
    await expect.poll(() => deadLetters(event)).toHaveLength(1);

    expect(calls).toBe(1);
    expect(await deadLetters(event)).toMatchObject([{ error: 'DataError', reason: '' }]);
  });

  it('is tried five times when nobody knows its error, and then goes to DEAD', async () => {
    const event = newParcel();
    const seen: number[] = [];
    await serve(
      eachParcel(event, async ({ data }) => {
        seen.push(data.n);
        if (data.n === 1) throw new TypeError('x is not a function');
      }),
    );

    await publish(event, 1);
    await publish(event, 2);
    await expect.poll(() => deadLetters(event), { timeout: 5_000 }).toHaveLength(1);
    await expect.poll(() => seen).toEqual([1, 1, 1, 1, 1, 2]);

    expect(await deadLetters(event)).toMatchObject([{ error: 'TypeError', reason: '' }]);
    expect((await consumerOf(event)).num_redelivered).toBe(0);
  });
});

describe('a dependency that is away', () => {
  it('holds a message in place: nothing is said to the broker, nothing overtakes it, and it goes on when the dependency is back', async () => {
    const event = newParcel();
    let away = true;
    const tried: number[] = [];
    const handled: number[] = [];
    await serve(
      eachParcel(event, async ({ data }) => {
        tried.push(data.n);
        if (away) throw new Away();
        handled.push(data.n);
      }),
    );

    for (const n of numbers(4)) await publish(event, n);
    await expect.poll(() => tried.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
    const during = await consumerOf(event);
    const triedMeanwhile = [...tried];
    away = false;
    await expect.poll(() => handled, { timeout: 5_000 }).toEqual(numbers(4));

    expect(new Set(triedMeanwhile)).toEqual(new Set([0]));
    expect(during).toMatchObject({ num_redelivered: 0, ack_floor: { consumer_seq: 0 } });
    expect((await consumerOf(event)).num_redelivered).toBe(0);
    expect(await deadLetters(event)).toEqual([]);
  });

  it('holds a batch for longer than an unknown error would be tried, and loses nothing of it', async () => {
    const event = newParcel('INBOX');
    let calls = 0;
    const handled: number[] = [];
    await serve(
      parcelBatches(event, async (batch) => {
        calls += 1;
        if (calls <= 5) throw new Away();
        handled.push(...batch.map(({ data }) => data.n));
      }),
    );

    for (const n of numbers(30)) await publish(event, n);
    await expect.poll(() => handled.length, { timeout: 10_000 }).toBe(30);

    expect(handled).toEqual(numbers(30));
    expect(await deadLetters(event)).toEqual([]);
  });

  it('lets its app stop at once, and the message stays for whoever is next', async () => {
    const event = newParcel();
    const tried: number[] = [];
    const stop = await serve(
      eachParcel(event, async ({ data }) => {
        tried.push(data.n);
        throw new Away();
      }),
    );
    await publish(event, 1);
    await publish(event, 2);
    await expect.poll(() => tried.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(4);

    const begin = performance.now();
    await stop();

    expect(performance.now() - begin).toBeLessThan(500);
    expect(await consumerOf(event)).toMatchObject({ num_ack_pending: 2, ack_floor: { consumer_seq: 0 } });
    expect(await deadLetters(event)).toEqual([]);
  });
});
