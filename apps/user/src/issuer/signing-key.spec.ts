import { calculateJwkThumbprint, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { newSigningKey, SigningKey } from './signing-key.js';

describe(newSigningKey.name, () => {
  it('makes a private ES256 key named by its thumbprint', async () => {
    const key = await newSigningKey();

    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(key.kid).toBe(await calculateJwkThumbprint(key));
    await expect(importJWK(key)).resolves.toMatchObject({ type: 'private' });
  });

  it('survives being stored as JSON', async () => {
    const key = await newSigningKey();

    expect(SigningKey.parse(JSON.parse(JSON.stringify(key)))).toEqual(key);
  });
});
