import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, epochOf } from './cursor.js';

describe('a realtime cursor', () => {
  it('comes back as the position it was made of', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (created, seq) => {
        const position = { epoch: epochOf(created), seq };
        expect(decodeCursor(encodeCursor(position))).toEqual(position);
      }),
    );
  });

  it.each([
    '',
    '.',
    'garbage',
    '0123456789abcdef',
    '0123456789abcdef.',
    '0123456789abcdef.-1',
    '0123456789abcdef.1.5',
    '0123456789ABCDEF.1',
    `0123456789abcdef.${'9'.repeat(16)}`,
    '0123456789abcdef.1\n',
    ' 0123456789abcdef.1',
  ])('is none when nobody here made it: %j', (text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });

  it('names a stream by the moment it was made', () => {
    expect(epochOf('2026-11-22T12:00:00Z')).not.toBe(epochOf('2026-11-22T12:00:01Z'));
    expect(epochOf('2026-11-22T12:00:00Z')).toMatch(/^[0-9a-f]{16}$/);
  });
});
