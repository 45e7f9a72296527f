import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cursorOf, pageOfRows, timeCursor } from './cursor.js';
import { ProblemException } from './problem.js';

const statusOf = (decode: () => unknown) => {
  try {
    decode();
  } catch (error) {
    return error instanceof ProblemException ? error.problem.status : error;
  }
  return 'decoded';
};

describe(cursorOf.name, () => {
  it('gives back every position it made, as text that fits into a URL', () => {
    const cursor = cursorOf(z.tuple([z.string(), z.int()]));

    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), (text, number) => {
        expect(cursor.encode([text, number])).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(cursor.decode(cursor.encode([text, number]))).toEqual([text, number]);
      }),
    );
  });

  it('starts at the beginning without a cursor', () => {
    expect(timeCursor.decode(undefined)).toBeUndefined();
  });

  it('answers 400 to whatever it did not make', () => {
    const other = cursorOf(z.object({ n: z.int() })).encode({ n: 1 });
    const position = JSON.stringify(['2026-11-22T12:00:00.000Z', randomUUID()]);
    const wrong = ['2026-11-22', '0000-01-01T00:00:00Z', "'; drop table messages; --"].map((time) =>
      timeCursor.encode([time, randomUUID()]),
    );

    for (const garbage of ['', ' ', 'x', '../..', other, position, ...wrong])
      expect(
        statusOf(() => timeCursor.decode(garbage)),
        garbage,
      ).toBe(400);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(statusOf(() => timeCursor.decode(text))).toBe(400);
      }),
    );
    expect(statusOf(() => timeCursor.decode(Buffer.from(position).toString('base64url')))).toBe('decoded');
  });
});

describe(pageOfRows.name, () => {
  const cursor = cursorOf(z.int());
  const page = (rows: number, limit: number) =>
    pageOfRows(
      Array.from({ length: rows }, (_, n) => n),
      limit,
      cursor,
      (n) => n,
    );

  it('has a next page only when a row more than asked was found', () => {
    expect(page(0, 2)).toEqual({ items: [], next: null });
    expect(page(2, 2)).toEqual({ items: [0, 1], next: null });
    expect(page(3, 2)).toEqual({ items: [0, 1], next: cursor.encode(1) });
  });

  it('ends early before it is too large for one message, and goes on where it ended', () => {
    const rows = Array.from({ length: 6 }, (_, n) => ({ n, text: 'x'.repeat(1_500_000) }));

    const cut = pageOfRows(rows, 5, cursor, ({ n }) => n);

    expect(cut.items.map(({ n }) => n)).toEqual([0, 1]);
    expect(cut.next).toBe(cursor.encode(1));
  });

  it('never ends before its first row, however large', () => {
    const huge = { n: 0, text: 'x'.repeat(5_000_000) };

    expect(pageOfRows([huge, huge], 5, cursor, ({ n }) => n)).toMatchObject({ items: [{ n: 0 }], next: cursor.encode(0) });
  });
});
