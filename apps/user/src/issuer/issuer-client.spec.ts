import { describe, expect, it } from 'vitest';
import { hashClientSecret, newClientSecret, secretMatches } from './issuer-client.js';

describe(secretMatches.name, () => {
  it('knows the secret behind a hash and no other', () => {
    const secret = newClientSecret();

    expect(secretMatches(secret, hashClientSecret(secret))).toBe(true);
    expect(secretMatches(newClientSecret(), hashClientSecret(secret))).toBe(false);
    expect(secretMatches(`${secret} `, hashClientSecret(secret))).toBe(false);
  });

  it('matches nothing to a hash of another kind', () => {
    expect(secretMatches('', new Uint8Array())).toBe(false);
    expect(secretMatches('secret', new Uint8Array(64))).toBe(false);
  });
});

describe(newClientSecret.name, () => {
  it('makes 256 bits that need no escaping, never the same twice', () => {
    const secrets = Array.from({ length: 100 }, () => newClientSecret());

    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  });
});
