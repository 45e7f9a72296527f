import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import { DecryptionFailed } from './errors.js';
import { Nonces } from './nonces.js';

const VERSION = 1;
const HEADER_BYTES = 3;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const nonces = new Nonces();

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce.
 * Layout: version (1 byte) · key epoch (2) · nonce (12) · ciphertext · tag (16).
 * `context` is authenticated, not stored: the same words must be given to open it, so a ciphertext moved to another row fails.
 */
export function seal(key: CipherKey, epoch: number, plaintext: Buffer | string, context: string): Buffer {
  const header = Buffer.from([VERSION, epoch >> 8, epoch & 0xff]);
  const nonce = nonces.next();
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
  return Buffer.concat([header, nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** The epoch of the key a sealed value needs. Throws DecryptionFailed when it is no sealed value. */
export function epochOf(sealed: Uint8Array): number {
  if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
    throw new DecryptionFailed('not a sealed value of a known version');
  }
  return ((sealed[1] ?? 0) << 8) | (sealed[2] ?? 0);
}

/** Opens what `seal` made with the same key and context. Throws DecryptionFailed on any difference. */
export function open(key: CipherKey, sealed: Uint8Array, context: string): Buffer {
  epochOf(sealed);
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.concat([bytes.subarray(0, HEADER_BYTES), Buffer.from(context)]));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const body = decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES));
    return Buffer.concat([body, decipher.final()]);
  } catch (cause) {
    throw new DecryptionFailed('the value was not sealed by this key for this place', { cause });
  }
}
