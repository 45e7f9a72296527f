import { describe, expect, it } from 'vitest';
import { detectLanguage } from './language.js';
import { normalise } from './normalise.js';

describe(detectLanguage.name, () => {
  it.each([
    ['pt', 'Oi, quanto custa o plano anual?'],
    ['pt', 'vcs entregam hj?'],
    ['pt', 'Obrigada!'],
    ['en', 'How much is the annual plan?'],
    ['en', 'thanks'],
    ['es', 'Hola, ¿cuánto cuesta el plan anual?'],
    ['es', 'gracias, muy amable'],
    ['und', ''],
    ['und', '👍'],
    ['und', 'pix'.repeat(3)],
    ['und', 'Здравствуйте, сколько стоит?'],
    ['und', 'oi hello'],
  ])('hears %s in "%s"', (language, text) => {
    expect(detectLanguage(normalise(text))).toBe(language);
  });
});
