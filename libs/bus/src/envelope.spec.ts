import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '#contracts';
import { decodeEnvelope, encodeEnvelope, type Envelope } from './envelope.js';
import { Poison } from './errors.js';

const Noted = defineEvent({
  name: 'thing.noted',
  stream: 'FACTS',
  version: 2,
  schema: z.object({ text: z.string().max(40), kind: z.enum(['a', 'b']) }),
});

const envelope = (overrides: Partial<Envelope> = {}): Envelope => ({
  v: 2,
  org: randomUUID(),
  at: 1_795_000_000_000,
  since: 1_795_000_000_000,
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: { text: 'oi', kind: 'a' },
  ...overrides,
});
const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const reasonOf = (bytes: Uint8Array): string => {
  try {
    decodeEnvelope(Noted, bytes);
  } catch (error) {
    return error instanceof Poison ? error.message : `not Poison but ${String(error)}`;
  }
  return 'decoded';
};

describe(decodeEnvelope.name, () => {
  it('gives back what was put in, whatever characters it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const sent = envelope({ data: { text, kind: 'b' } });
        expect(decodeEnvelope(Noted, encodeEnvelope(sent))).toEqual(sent);
      }),
    );
  });

  it('throws Poison and nothing else, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(bytesOf),
          fc.json().map((json) => bytesOf({ ...envelope(), data: json })),
        ),
        (bytes) => {
          expect(reasonOf(bytes)).toMatch(/^(not |version )/);
        },
      ),
    );
  });

  it('says what is wrong: bytes, envelope, version, data', () => {
    expect(reasonOf(new Uint8Array())).toBe('not JSON');
    expect(reasonOf(Uint8Array.from([0x22, 0xc3, 0x28, 0x22]))).toBe('not JSON');
    expect(reasonOf(bytesOf('null'))).toBe('not an envelope: (root) invalid_type');
    expect(reasonOf(bytesOf({ ...envelope(), org: 'somebody' }))).toBe('not an envelope: org invalid_format');
    expect(reasonOf(bytesOf(envelope({ v: 3 })))).toBe('version 3 is newer than 2');
    expect(reasonOf(bytesOf(envelope({ data: { text: 'oi', kind: 'c' } })))).toBe('not a thing.noted: kind invalid_value');
  });

  it('reads an older version as long as its data still fits', () => {
    expect(reasonOf(bytesOf(envelope({ v: 1 })))).toBe('decoded');
  });

  it('never repeats a value in its reason, for it may be what somebody wrote', () => {
    const secret = 'meu CPF é 529.982.247-25';

    for (const data of [secret, { text: secret.repeat(3), kind: 'a' }, { text: 'oi', kind: secret }, { [secret]: 1 }, [secret]]) {
      expect(reasonOf(bytesOf(envelope({ data })))).not.toContain('529');
    }
    expect(reasonOf(bytesOf(secret))).not.toContain('529');
    expect(reasonOf(bytesOf({ ...envelope(), by: { [secret]: secret } }))).not.toContain('529');
  });
});
