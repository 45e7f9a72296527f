import type { Redis } from 'ioredis';

/** Values that can be read again from their owner; every failure of Redis is a miss. */
export class Cache {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** The cached value, else what `load` gives, kept for `seconds`. Throws only what `load` throws. */
  async remember<T>(key: string, seconds: number, parse: (value: unknown) => T, load: () => Promise<T>): Promise<T> {
    const text = await this.redis.get(this.prefix + key).catch(() => null);
    if (text !== null) {
      const cached = readCached(text, parse);
      if (cached !== undefined) return cached;
    }
    const value = await load();
    // best effort: a value that could not be cached is read again next time
    await this.redis.set(this.prefix + key, JSON.stringify(value), 'EX', seconds).catch(() => undefined);
    return value;
  }

  async forget(key: string): Promise<void> {
    // best effort: the entry ends by itself
    await this.redis.del(this.prefix + key).catch(() => undefined);
  }
}

/** An entry somebody else wrote in another shape counts as no entry. */
function readCached<T>(text: string, parse: (value: unknown) => T): T | undefined {
  try {
    return parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
