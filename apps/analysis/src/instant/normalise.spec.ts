import { describe, expect, it } from 'vitest';
import { normalise } from './normalise.js';

describe(normalise.name, () => {
  it('drops case and accents and keeps abbreviations as words', () => {
    expect(normalise('Vc NÃO viu? Pq? Obg, blz').words).toEqual(['vc', 'nao', 'viu', 'pq', 'obg', 'blz']);
  });

  it('shortens letters drawn out, but not numbers', () => {
    expect(normalise('Oiiiiii, são 1000?').padded).toBe(' oi . sao 1000 ? ');
  });

  it('keeps clause ends, emoji and emoticons as tokens of their own', () => {
    expect(normalise('adorei!!! 😍👍🏽 :-( e ai').tokens).toEqual(['adorei', '!', '😍', '👍', ':(', 'e', 'ai']);
  });

  it('reads decorated letters as plain ones', () => {
    expect(normalise('𝓞𝓲 𝐩𝐫𝐞𝐜𝐨').words).toEqual(['oi', 'preco']);
  });

  it('looks at no more than the first 4,000 characters', () => {
    expect(normalise('a b '.repeat(2_000)).words).toHaveLength(2_000);
  });

  it.each(['', '   \n\t ', '\u{1F3FB}\u200F', '\uD83D'])('finds no words in %j', (text) => {
    expect(normalise(text).words).toEqual([]);
  });
});
