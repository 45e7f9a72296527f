import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Whether `X-Hub-Signature-256` is the HMAC-SHA256 of the raw body under the Meta app's secret. */
export function isSigned(rawBody: Uint8Array, header: string | undefined, appKey: KeyObject): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '')?.[1];
  if (hex === undefined) return false;
  return timingSafeEqual(createHmac('sha256', appKey).update(rawBody).digest(), Buffer.from(hex, 'hex'));
}
