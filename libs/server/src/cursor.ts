import { z } from 'zod';
import { Id, Instant, type Page } from '#contracts';
import { refuse } from './problem.js';

/** Where a page of a keyset list ended, as the opaque text clients hand back. */
export interface Cursor<P> {
  encode(position: P): string;
  /** undefined without a cursor. Throws a 400 for one this list did not make. */
  decode(cursor: string | undefined): P | undefined;
}

/** A cursor whose positions have this shape. */
export function cursorOf<P>(schema: z.ZodType<P>): Cursor<P> {
  return {
    encode: (position) => Buffer.from(JSON.stringify(position)).toString('base64url'),
    decode: (cursor) => {
      if (cursor === undefined) return undefined;
      try {
        return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
      } catch {
        throw refuse(400, 'This cursor was not made by this list. Start without a cursor, or use the `next` of a page.');
      }
    },
  };
}

/** The position of lists ordered by a time and an id. */
export const timeCursor = cursorOf(z.tuple([Instant, Id]));

/** A page of rows of which one more than `limit` was read to know whether there is a next page. */
export function pageOfRows<T, P>(rows: readonly T[], limit: number, cursor: Cursor<P>, positionOf: (row: T) => P): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor.encode(positionOf(last)) : null };
}
