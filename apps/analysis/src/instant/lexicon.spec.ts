import { describe, expect, it } from 'vitest';
import { lexicon } from './lexicon.js';

describe(lexicon.name, () => {
  const weightOf = lexicon([
    [2, 'otim* top'],
    [-1, 'otimismo'],
  ]);

  it('knows words and the endings of stems', () => {
    expect([weightOf('top'), weightOf('otima'), weightOf('topo')]).toEqual([2, 2, 0]);
  });

  it('lets a whole word win over a stem', () => {
    expect(weightOf('otimismo')).toBe(-1);
  });

  it('knows nothing of object members', () => {
    expect(weightOf('constructor')).toBe(0);
  });
});
