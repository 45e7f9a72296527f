import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanString, cleanText, Id, Identity, INSTALLATION, Instant, Label } from './index.js';

/** Any UTF-16, with lone surrogates and NUL where they hurt. */
const utf16 = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0xd83d, 0xde00)), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units));

describe(cleanString.name, () => {
  it('gives what Postgres and UTF-8 can hold, whatever came', () => {
    fc.assert(
      fc.property(utf16, (text) => {
        const clean = cleanString(text);

        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toContain('\0');
        expect(cleanString(clean)).toBe(clean);
        expect(Buffer.from(clean).toString()).toBe(clean);
      }),
    );
  });

  it('changes nothing of what is clean already', () => {
    for (const text of ['', 'Olá 👋🏽', 'مرحبا', '\u202eabc', '{"a":1}', '\u0001', '\ufeff']) expect(cleanString(text)).toBe(text);
  });

  it('does not make a character of two halves that stood apart', () => {
    expect(cleanString('\ud83d\0\ude00')).toBe('\ufffd\ufffd');
  });
});

describe('what is typed', () => {
  it('is a label when something is left of it', () => {
    expect(Label.parse('  Maria\0 ')).toBe('Maria');
    for (const text of ['', '   ', '\0', 'x'.repeat(201)]) expect(Label.safeParse(text).success, JSON.stringify(text)).toBe(false);
  });

  it('is a text up to its length', () => {
    expect(cleanText(3).parse('a\0b')).toBe('ab');
    expect(cleanText(3).safeParse('abcd').success).toBe(false);
  });
});

describe('what names things', () => {
  it('is a UUID, also a derived one and that of the installation', () => {
    for (const id of [randomUUID(), INSTALLATION, '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0']) expect(Id.safeParse(id).success, id).toBe(true);
    for (const id of ['', 'x', `${randomUUID()} `, `{${randomUUID()}}`, randomUUID().replaceAll('-', '')])
      expect(Id.safeParse(id).success, id).toBe(false);
  });

  it('is an instant in UTC that a calendar has', () => {
    for (const at of ['2026-11-22T12:00:00.000Z', '2024-02-29T23:59:59Z', '1970-01-01T00:00:00Z'])
      expect(Instant.safeParse(at).success, at).toBe(true);
    for (const at of [
      '2026-02-29T00:00:00Z',
      '2026-11-22',
      '2026-11-22T12:00:00',
      '2026-11-22T12:00:00+01:00',
      '2026-11-22T24:00:00Z',
      '0000-01-01T00:00:00Z',
      '',
    ])
      expect(Instant.safeParse(at).success, at).toBe(false);
  });

  it('is an identity with a value', () => {
    expect(Identity.safeParse({ kind: 'bsuid', value: 'BR.1' }).success).toBe(true);
    expect(Identity.safeParse({ kind: 'phone', value: '' }).success).toBe(false);
    expect(Identity.safeParse({ kind: 'e-mail', value: 'a@b' }).success).toBe(false);
  });
});
