import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '#testing';
import { Cache, Claims, connectRedis } from './index.js';

const Settings = z.object({ language: z.string() });
const parse = (value: unknown) => Settings.parse(value);

let world: World;
let redis: Redis;
const opened: Redis[] = [];

const connect = () => {
  const client = connectRedis(world.redis.url, 'test');
  opened.push(client);
  return client;
};
const newCache = () => new Cache(redis, `cache-${randomUUID()}:`);
/** Something to cache, which counts how often it was read. */
const source = (value: unknown = { language: 'pt' }) => {
  const counted = { reads: 0, load: () => Promise.resolve((counted.reads += 1)).then(() => value as z.infer<typeof Settings>) };
  return counted;
};
const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const begin = performance.now();
  return [await work(), performance.now() - begin];
};

beforeAll(async () => {
  world = await startWorld();
  redis = connect();
  await new Promise((resolve) => redis.once('ready', resolve));
});

afterAll(async () => {
  for (const client of opened) client.disconnect();
  await world?.stop();
});

describe(Cache.name, () => {
  it('reads from the source once, and from then on what it kept', async () => {
    const cache = newCache();
    const [of, other] = [source(), source()];

    expect(await cache.remember('a', 60, parse, of.load)).toEqual({ language: 'pt' });
    expect(await cache.remember('a', 60, parse, of.load)).toEqual({ language: 'pt' });
    expect(await cache.remember('b', 60, parse, other.load)).toEqual({ language: 'pt' });

    expect([of.reads, other.reads]).toEqual([1, 1]);
  });

  it('reads again what was forgotten, and what is too old', async () => {
    const cache = newCache();
    const of = source();
    await cache.remember('a', 60, parse, of.load);

    await cache.forget('a');
    await cache.remember('a', 1, parse, of.load);
    expect(of.reads).toBe(2);

    await expect.poll(() => cache.remember('a', 60, parse, of.load).then(() => of.reads), { timeout: 3_000, interval: 100 }).toBe(3);
  });

  it('takes an entry it cannot read for none', async () => {
    const prefix = `cache-${randomUUID()}:`;
    const cache = new Cache(redis, prefix);

    for (const entry of ['', 'not JSON', '{"lang":"pt"}', 'null', '[1]']) {
      const of = source();
      await redis.set(`${prefix}a`, entry);
      expect(await cache.remember('a', 60, parse, of.load), entry).toEqual({ language: 'pt' });
      expect(of.reads, entry).toBe(1);
      expect(await redis.get(`${prefix}a`)).toBe('{"language":"pt"}');
    }
  });

  it('throws what its source throws, and keeps nothing of it', async () => {
    const cache = newCache();
    const of = source();

    await expect(cache.remember('a', 60, parse, () => Promise.reject(new Error('the owner is away')))).rejects.toThrow('the owner is away');
    await cache.remember('a', 60, parse, of.load);

    expect(of.reads).toBe(1);
  });
});

describe(Claims.name, () => {
  it('gives a thing to one of many, in one process or in two', async () => {
    const [one, two] = [new Claims(redis, 'claim:'), new Claims(connect(), 'claim:')];
    const [key, other] = [randomUUID(), randomUUID()];
    await expect.poll(() => opened.every(({ status }) => status === 'ready')).toBe(true);

    const claims = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).claim(key, 60)));

    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await one.claim(other, 60)).toBe(true);
    expect(await two.claim(other, 60)).toBe(false);
  });

  it('gives it again when its time is over', async () => {
    const claims = new Claims(redis, 'claim:');
    const key = randomUUID();

    expect(await claims.claim(key, 1)).toBe(true);
    expect(await claims.claim(key, 1)).toBe(false);
    await expect.poll(() => claims.claim(key, 1), { timeout: 3_000, interval: 100 }).toBe(true);
  });
});

describe('without Redis', () => {
  it('a value is read from its source at once, claims are decided by each process, and both go on when it is back', async () => {
    const cache = newCache();
    const claims = new Claims(redis, 'claim:');
    const of = source();
    const key = randomUUID();
    await cache.remember('a', 60, parse, of.load);

    await world.killRedis();
    const [value, took] = await timed(() => cache.remember('a', 60, parse, of.load));
    const [, forgetting] = await timed(() => cache.forget('a'));
    const [claimed, claiming] = await timed(() => Promise.all([claims.claim(key, 60), claims.claim(key, 60), claims.claim(key, 60)]));
    const again = await claims.claim(key, 60);
    await world.restartRedis();

    expect(value).toEqual({ language: 'pt' });
    expect(of.reads).toBe(2);
    expect(Math.max(took, forgetting, claiming)).toBeLessThan(1_000);
    expect(claimed.filter(Boolean)).toHaveLength(1);
    expect(again).toBe(false);
    await expect.poll(() => redis.status, { timeout: 10_000 }).toBe('ready');
    await cache.remember('a', 60, parse, of.load);
    await cache.remember('a', 60, parse, of.load);
    expect(of.reads).toBe(3);
  });

  it('that hangs instead of being gone, nobody waits long', async () => {
    const cache = newCache();
    const claims = new Claims(redis, 'claim:');
    const of = source();
    await expect.poll(() => redis.status, { timeout: 10_000 }).toBe('ready');

    world.redis.kill('SIGSTOP');
    const [value, took] = await timed(() => cache.remember('a', 60, parse, of.load));
    const [claimed, claiming] = await timed(() => claims.claim(randomUUID(), 60));
    world.redis.kill('SIGCONT');

    expect(value).toEqual({ language: 'pt' });
    expect(claimed).toBe(true);
    expect(Math.max(took, claiming)).toBeLessThan(900);
  });
});
