import { randomUUID } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A W3C `traceparent` (https://www.w3.org/TR/trace-context/): a new span of the parent's trace, or of a new one. */
export function nextTrace(parent?: string): string {
  // node draws UUIDs from a pool: many times cheaper than random bytes one by one
  const traceId = (parent === undefined ? undefined : TRACEPARENT.exec(parent)?.[1]) ?? randomUUID().replaceAll('-', '');
  return `00-${traceId}-${randomUUID().replaceAll('-', '').slice(16)}-01`;
}

/** The trace id inside a `traceparent`: what log lines of one message share. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
