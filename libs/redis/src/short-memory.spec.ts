import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ShortMemory } from './short-memory.js';

describe(ShortMemory.name, () => {
  it('reads once for all who ask within its time, and again afterwards', async () => {
    const memory = new ShortMemory<number>(30);
    let reads = 0;
    const read = () => Promise.resolve((reads += 1));

    const first = await Promise.all([memory.remember('a', read), memory.remember('a', read), memory.remember('b', read)]);
    await sleep(40);
    const later = await memory.remember('a', read);

    expect(first).toEqual([1, 1, 2]);
    expect(later).toBe(3);
  });

  it('forgets a read that failed', async () => {
    const memory = new ShortMemory<number>(10_000);

    await expect(memory.remember('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');

    await expect(memory.remember('a', () => Promise.resolve(7))).resolves.toBe(7);
  });
});
