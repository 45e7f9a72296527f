import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framesOf } from './frames.js';

describe(framesOf.name, () => {
  it('has the places of an error and nothing of its text, however that is written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('segredo', '\n', '    at segredo (file.js:1:1)', 'Error: ', ' '), { maxLength: 12 }),
        (parts) => {
          const frames = framesOf(new TypeError(parts.join('')), 5);

          expect(frames.join()).not.toContain('segredo');
          expect(frames.length).toBeGreaterThan(0);
          expect(frames.length).toBeLessThanOrEqual(5);
          expect(frames[0]).toMatch(/^at .*frames\.spec\.ts/);
        },
      ),
    );
  });

  it('has none of an error without a stack', () => {
    const error = new Error('segredo');
    delete error.stack;

    expect(framesOf(error, 5)).toEqual([]);
  });
});
