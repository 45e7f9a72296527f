import { fingerprint } from '#crypto';
import type { Position } from './event-ring.js';

/** A position as clients hold it: they hand it back and read nothing in it. */
export function encodeCursor({ epoch, seq }: Position): string {
  return `${epoch}.${seq}`;
}

/** Undefined for what no server of this kind ever gave out. */
export function decodeCursor(cursor: string): Position | undefined {
  const parts = /^([0-9a-f]{16})\.([0-9]{1,15})$/.exec(cursor);
  return parts?.[1] === undefined ? undefined : { epoch: parts[1], seq: Number(parts[2]) };
}

/** The short name of a stream that was made at this moment. */
export function epochOf(created: string): string {
  return fingerprint('realtime', created).slice(0, 16);
}
