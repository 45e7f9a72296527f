import { describe, expect, it } from 'vitest';
import { Intent } from '#contracts';
import { leadScore } from './lead-score.js';
import { normalise } from './normalise.js';

describe(leadScore.name, () => {
  it('ranks who wants to buy above who asks, and who asks above who leaves', () => {
    const scores = (['purchase', 'price_question', 'greeting', 'cancel'] as const).map((intent) => leadScore(normalise('oi'), intent, 0));

    expect(scores).toEqual([80, 65, 30, 10]);
  });

  it('rises with a good mood and falls with a bad one', () => {
    expect(leadScore(normalise('oi'), 'other', 1)).toBe(35);
    expect(leadScore(normalise('oi'), 'other', -1)).toBe(5);
  });

  it('adds urgency, a wish and a number where it is about selling', () => {
    expect(leadScore(normalise('preciso de 10 hoje, quanto custa?'), 'price_question', 0)).toBe(82);
  });

  it('adds nothing of the kind to a complaint', () => {
    expect(leadScore(normalise('preciso de 10 hoje'), 'complaint', 0)).toBe(15);
  });

  it.each(Intent.options)('stays within 0 and 100 for %s', (intent) => {
    expect(leadScore(normalise('quero 2 hoje'), intent, 1)).toBeLessThanOrEqual(100);
    expect(leadScore(normalise(''), intent, -1)).toBeGreaterThanOrEqual(0);
  });
});
