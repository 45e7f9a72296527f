import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A registered API client, as much of it as issuing tokens needs. */
export interface IssuerClient {
  readonly clientId: string;
  /** `null` for an operator's client, which belongs to the installation and not to a customer. */
  readonly organisationId: string | null;
  readonly scopes: readonly string[];
  readonly name: string;
  readonly role: string | null;
  readonly secretHash: Uint8Array;
}

/**
 * SHA-256 of a client secret, the only form that is stored. A slow, salted hash protects guessable passwords;
 * our secrets are 256 random bits, which nobody can guess at any speed, and every token request checks one.
 */
export function hashClientSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** A new client secret of 256 random bits, in characters that survive forms, headers and shells unescaped. */
export function newClientSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether `presented` is the secret behind `hash`; takes the same time whatever the difference. */
export function secretMatches(presented: string, hash: Uint8Array): boolean {
  const presentedHash = hashClientSecret(presented);
  return presentedHash.length === hash.length && timingSafeEqual(presentedHash, hash);
}
