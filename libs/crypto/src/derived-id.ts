import { type BinaryLike, createHash, createHmac, type KeyObject } from 'node:crypto';

/** Formats the first 16 bytes of a digest as a UUID of version 8 (RFC 9562 section 5.8). */
export function uuidFromDigest(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** HMAC-SHA256 over the parts, each preceded by its length so that no two lists of parts run together. */
export function keyedHash(key: BinaryLike | KeyObject, ...parts: string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${part.length}:${part}`);
  return hmac.digest();
}

/** SHA-256 over the parts as hex, for recognising a repeated request; not for secrets that could be guessed. */
export function fingerprint(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex');
}
