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

/** Most bytes of one page as JSON: half of what NATS carries in one message. Texts of a megabyte are rare, pages of them must work. */
const PAGE_BYTES = 4 * 1_048_576;

/**
 * A page of rows of which one more than `limit` was read to know whether there is a next page. It ends early before it grows
 * too large for one message, but never before its first row.
 */
export function pageOfRows<T, P>(rows: readonly T[], limit: number, cursor: Cursor<P>, positionOf: (row: T) => P): Page<T> {
  const items: T[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (bytes > PAGE_BYTES && items.length > 0) break;
    items.push(row);
  }
  const last = items.at(-1);
  return { items, next: rows.length > items.length && last !== undefined ? cursor.encode(positionOf(last)) : null };
}
