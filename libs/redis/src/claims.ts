import type { Redis } from 'ioredis';

const MEMORY_LIMIT = 100_000;

/** Things that may happen once: a ticket redeemed, a nonce seen. When Redis is away this process's own memory decides. */
export class Claims {
  readonly #own = new Map<string, number>();

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** True for the first caller with this key within `seconds`, false for every other. */
  async claim(key: string, seconds: number): Promise<boolean> {
    const now = performance.now();
    if ((this.#own.get(key) ?? 0) > now) return false;
    this.#remember(key, now + seconds * 1_000);
    const answer = await this.redis.set(this.prefix + key, '1', 'EX', seconds, 'NX').catch(() => 'away' as const);
    return answer !== null;
  }

  #remember(key: string, until: number): void {
    if (this.#own.size >= MEMORY_LIMIT) {
      const oldest = this.#own.keys().next().value;
      if (oldest !== undefined) this.#own.delete(oldest);
    }
    this.#own.set(key, until);
  }
}
