import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Id } from '#contracts';
import { DecryptionFailed, fingerprint, keyedHash, OrganisationKeys } from './index.js';

const first = randomBytes(32);
const organisationId = randomUUID();
const keys = new OrganisationKeys(organisationId, new Map([[1, first]]));

describe(OrganisationKeys.name, () => {
  it('opens what it sealed, and only for the same field of the same entity of the same organisation', () => {
    const [entity, other] = [randomUUID(), randomUUID()];
    const sealed = keys.seal(entity, 'content', 'Oi 👋');
    const sameKeyElsewhere = new OrganisationKeys(randomUUID(), new Map([[1, first]]));
    const foreign = new OrganisationKeys(organisationId, new Map([[1, randomBytes(32)]]));

    expect(keys.open(entity, 'content', sealed)).toBe('Oi 👋');
    expect(() => keys.open(other, 'content', sealed)).toThrow(DecryptionFailed);
    expect(() => keys.open(entity, 'preview', sealed)).toThrow(DecryptionFailed);
    expect(() => sameKeyElsewhere.open(entity, 'content', sealed)).toThrow(DecryptionFailed);
    expect(() => foreign.open(entity, 'content', sealed)).toThrow(DecryptionFailed);
  });

  it('seals with its newest epoch, opens with every one it has, and names the same things the same', () => {
    const rotated = new OrganisationKeys(
      organisationId,
      new Map([
        [12, randomBytes(32)],
        [1, first],
        [2, randomBytes(32)],
      ]),
    );
    const [old, fresh] = [keys.seal('e', 'f', 'old'), rotated.seal('e', 'f', 'new')];

    expect(rotated.open('e', 'f', old)).toBe('old');
    expect(rotated.open('e', 'f', fresh)).toBe('new');
    expect(fresh.readUInt16BE(1)).toBe(12);
    expect(() => keys.open('e', 'f', fresh)).toThrow(DecryptionFailed);
    expect(rotated.id('message', 'a')).toBe(keys.id('message', 'a'));
    expect(rotated.hash('phone', '55')).toEqual(keys.hash('phone', '55'));
    expect(rotated.chatToken('phone', '55')).toBe(keys.chatToken('phone', '55'));
  });

  it('needs a key', () => {
    expect(() => new OrganisationKeys(organisationId, new Map())).toThrow(RangeError);
  });

  it('makes ids that are UUIDs of version 8, the same for the same parts and for nothing else', () => {
    const again = new OrganisationKeys(organisationId, new Map([[1, first]]));
    const other = new OrganisationKeys(organisationId, new Map([[1, randomBytes(32)]]));

    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string({ unit: 'binary' })), (a, b) => {
        expect(Id.safeParse(keys.id(...a)).success).toBe(true);
        expect(keys.id(...a)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(again.id(...a)).toBe(keys.id(...a));
        expect(other.id(...a)).not.toBe(keys.id(...a));
        expect(keys.id(...a) === keys.id(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('makes chat tokens that fit into a subject', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(keys.chatToken('phone', value)).toMatch(/^[A-Za-z0-9_-]{22}$/);
      }),
    );
    expect(keys.chatToken('phone', '5511987650001')).not.toBe(keys.chatToken('lid', '5511987650001'));
  });

  it('gives hashes, tokens and ids of the same value nothing in common', () => {
    const hash = keys.hash('phone', '55').toString('hex');
    const token = Buffer.from(keys.chatToken('phone', '55'), 'base64url').toString('hex');
    const id = keys.id('phone', '55').replaceAll('-', '');

    expect(new Set([hash.slice(0, 12), token.slice(0, 12), id.slice(0, 12)]).size).toBe(3);
  });
});

describe(keyedHash.name, () => {
  it('does not let two lists of parts run together', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['1:a', ''], ['a', '1:b']];

    expect(new Set(lists.map((parts) => keyedHash(first, ...parts).toString('hex'))).size).toBe(lists.length);
    expect(new Set(lists.map((parts) => fingerprint(...parts))).size).toBe(lists.length);
  });
});
