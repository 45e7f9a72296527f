import { randomUUID } from 'node:crypto';
import { type Delivered, nextTrace } from '#bus';

let seq = 0;

/** One delivery as a handler gets it; the sequence rises with every call, everything can be overridden. */
export function delivered<D>(data: D, overrides: Partial<Omit<Delivered<D>, 'data'>> = {}): Delivered<D> {
  seq += 1;
  const at = Date.now();
  return {
    id: randomUUID(),
    organisationId: randomUUID(),
    seq,
    at,
    since: at,
    trace: nextTrace(),
    chat: '-',
    redelivered: false,
    by: undefined,
    idempotency: undefined,
    ...overrides,
    data,
  };
}
