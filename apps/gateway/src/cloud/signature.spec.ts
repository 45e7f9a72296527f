import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSigned } from './signature.js';

// the example of https://developers.facebook.com/docs/graph-api/webhooks has no vector; this is HMAC-SHA256 of RFC 4231, test case 2
const key = createSecretKey(Buffer.from('Jefe'));
const body = Buffer.from('what do ya want for nothing?');
const right = 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

describe(isSigned, () => {
  it('takes the HMAC-SHA256 of the very bytes, in either case', () => {
    expect(isSigned(body, right, key)).toBe(true);
    expect(isSigned(body, `sha256=${right.slice(7).toUpperCase()}`, key)).toBe(true);
  });

  it('refuses every bit that differs, in body, signature and key', () => {
    for (let bit = 0; bit < 8 * body.length; bit += 1) {
      const changed = Buffer.from(body);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isSigned(changed, right, key)).toBe(false);
    }
    for (let place = 7; place < right.length; place += 1) {
      const other = right[place] === '0' ? '1' : '0';
      expect(isSigned(body, right.slice(0, place) + other + right.slice(place + 1), key)).toBe(false);
    }
    expect(isSigned(body, right, createSecretKey(Buffer.from('jefe')))).toBe(false);
  });

  it.each([undefined, '', 'sha256=', right.slice(7), `sha1=${right.slice(7)}`, right.slice(0, -1), `${right}0`, ` ${right}`, `${right}\n`])(
    'refuses the header %j',
    (header) => {
      expect(isSigned(body, header, key)).toBe(false);
    },
  );

  it('signs nothing with an empty body by chance', () => {
    const empty = `sha256=${createHmac('sha256', key).update('').digest('hex')}`;

    expect(isSigned(Buffer.alloc(0), empty, key)).toBe(true);
    expect(isSigned(Buffer.alloc(0), right, key)).toBe(false);
  });
});
