import { randomBytes, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecryptionFailed, epochOf, open, seal } from './index.js';
import { Nonces } from './nonces.js';

const key = randomBytes(32);
const context = 'organisation|entity|field';
const fails = (sealed: Uint8Array, under = key, place = context) => {
  try {
    open(under, sealed, place);
    return 'opened';
  } catch (error) {
    return error instanceof DecryptionFailed ? 'fails' : error;
  }
};

describe('a sealed value', () => {
  it('opens to what was sealed, whatever text it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.integer({ min: 0, max: 65_535 }), (text, place, epoch) => {
        const sealed = seal(key, epoch, text, place);

        expect(open(key, sealed, place).toString()).toBe(text);
        expect(epochOf(sealed)).toBe(epoch);
      }),
    );
  });

  it('opens to what was sealed, whatever bytes they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(open(key, seal(key, 1, Buffer.from(bytes), context), context)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is AES-256-GCM as another implementation of it understands it', async () => {
    const sealed = seal(key, 7, 'Olá 👋', context);
    const imported = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const additionalData = Buffer.concat([sealed.subarray(0, 3), Buffer.from(context)]);

    const opened = await webcrypto.subtle.decrypt(
      { name: 'AES-GCM', iv: sealed.subarray(3, 15), additionalData },
      imported,
      sealed.subarray(15),
    );

    expect(Buffer.from(opened).toString()).toBe('Olá 👋');
    expect([...sealed.subarray(0, 3)]).toEqual([1, 0, 7]);
  });

  it('fails with any bit of any byte changed', () => {
    const sealed = seal(key, 1, 'Oi, quanto custa?', context);

    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(fails(changed), `byte ${at}, bit ${bit}`).toBe('fails');
      }
    }
    expect(fails(sealed)).toBe('opened');
  });

  it('fails when it is cut or made longer anywhere', () => {
    const sealed = seal(key, 1, 'Oi, quanto custa?', context);

    for (let length = 0; length < sealed.length; length += 1) {
      expect(fails(sealed.subarray(0, length)), `${length} bytes`).toBe('fails');
      expect(fails(sealed.subarray(sealed.length - length)), `the last ${length} bytes`).toBe('fails');
    }
    expect(fails(Buffer.concat([sealed, Buffer.from([0])]))).toBe('fails');
  });

  it('fails with another key and in another place', () => {
    const sealed = seal(key, 1, 'Oi', context);

    expect(fails(sealed, randomBytes(32))).toBe('fails');
    for (const place of ['organisation|entity|other', 'organisation|other|field', 'other|entity|field', `${context} `, '']) {
      expect(fails(sealed, key, place), place).toBe('fails');
    }
  });

  it('opens when it lies inside of a larger buffer, as drivers hand rows over', () => {
    const sealed = seal(key, 1, 'Oi', context);
    const row = Buffer.concat([randomBytes(9), sealed, randomBytes(9)]);

    expect(open(key, new Uint8Array(row.buffer, row.byteOffset + 9, sealed.length), context).toString()).toBe('Oi');
  });

  it('is another one every time', () => {
    expect(seal(key, 1, 'Oi', context)).not.toEqual(seal(key, 1, 'Oi', context));
  });
});

describe(Nonces.name, () => {
  it('gives 100,000 different ones, none of which changes later', () => {
    const nonces = new Nonces();
    const given = Array.from({ length: 100_000 }, () => nonces.next());

    expect(new Set(given.map((nonce) => nonce.toString('latin1'))).size).toBe(100_000);
    expect(new Set(given.map((nonce) => nonce.length))).toEqual(new Set([12]));
  });

  it('are as different in what is sealed', () => {
    const seen = new Set(Array.from({ length: 100_000 }, () => seal(key, 1, '', '').subarray(3, 15).toString('latin1')));

    expect(seen.size).toBe(100_000);
  });
});
