import { describe, expect, it } from 'vitest';
import { normalise } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';

const count = (text: string, list: string) => countPhrases(normalise(text), phrases(list));

describe(countPhrases.name, () => {
  it('finds whole words only', () => {
    expect(count('coisa', 'oi')).toBe(0);
    expect(count('oi!', 'oi')).toBe(1);
  });

  it('accepts any ending after a star', () => {
    expect(count('quanto custam os preços?', 'prec*, quanto cust*')).toBe(2);
  });

  it('does not read across the end of a clause', () => {
    expect(count('não. quero cancelar', 'nao quero')).toBe(0);
  });

  it('counts a phrase once however often it is said', () => {
    expect(count('pix pix pix', 'pix')).toBe(1);
  });
});
