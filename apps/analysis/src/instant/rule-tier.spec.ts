import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Understanding } from '#contracts';
import type { InstantInput } from './instant-tier.js';
import { RuleTier } from './rule-tier.js';

const tier = new RuleTier();
const understand = (text: string, overrides: Partial<InstantInput> = {}) =>
  tier.understand({ text, fallbackLanguage: 'pt', customerName: null, ...overrides });

const MEGABYTE = 1_000_000;
const HOSTILE: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['only whitespace', ' \n\t\u00A0\u2003'.repeat(100_000)],
  ['a megabyte of a', 'a'.repeat(MEGABYTE)],
  ['a megabyte of spaced letters', 'a '.repeat(MEGABYTE / 2)],
  ['a megabyte of emoji', '😡'.repeat(MEGABYTE / 2)],
  ['a megabyte of right-to-left text', 'مرحبا \u202Eכמה '.repeat(MEGABYTE / 11)],
  ['a megabyte of letters that grow when normalised', '\uFDFA'.repeat(MEGABYTE)],
  ['a megabyte of combining marks', 'a' + '\u0336'.repeat(MEGABYTE)],
  ['a megabyte of numbers', '1.1,'.repeat(MEGABYTE / 4)],
  ['a megabyte of punctuation', '?!.:('.repeat(MEGABYTE / 5)],
  ['a megabyte of one phrase', 'quanto custa '.repeat(MEGABYTE / 13)],
  ['lone surrogates', '\uD83D\uDE00\uD83D oi \uDE00'.repeat(1_000)],
  ['a character cut in two by the limit', 'a'.repeat(3_999) + '😀'],
  ['NUL and control characters', '\0\u0007\u001B[31m'],
  ['names of object members', '__proto__ constructor toString hasOwnProperty'],
];

describe(RuleTier.name, () => {
  it('understands a question for a price whole', () => {
    const understood = understand('Oi, quanto custa o plano anual?', { customerName: 'maria souza' });

    expect(understood).toMatchObject({
      language: 'pt',
      intent: 'price_question',
      sentiment: { score: 0, label: 'neutral' },
      leadScore: 65,
      nextAction: { kind: 'send_price' },
    });
    expect(understood.suggestions[0]?.text).toBe('Claro, Maria! De qual produto ou plano você quer saber o preço?');
  });

  it('answers in the language of the text, before the fallback', () => {
    expect(understand('How much is it?').suggestions[0]?.text).toBe('Sure! Which product or plan would you like the price of?');
  });

  it('answers in the fallback language when the text has none', () => {
    const understood = understand('👍', { fallbackLanguage: 'es' });

    expect(understood.language).toBe('und');
    expect(understood.suggestions[0]?.text).toBe('¡Gracias a usted! Cualquier cosa, escríbame.');
  });

  it('waits after a thank you instead of asking what is needed', () => {
    expect(understand('Muito obrigada!')).toMatchObject({ intent: 'other', nextAction: { kind: 'wait' } });
  });

  it('puts only a safe name into a reply', () => {
    expect(understand('oi', { customerName: '$& {name} <script>' }).suggestions[0]?.text).toBe('Oi! Como posso ajudar?');
  });

  it('says the same of the same text every time', () => {
    expect(understand('cadê meu pedido?')).toEqual(understand('cadê meu pedido?'));
  });

  it.each(HOSTILE)('survives %s', (_, text) => {
    expect(Understanding.parse(understand(text, { customerName: text })).suggestions).toHaveLength(3);
  });

  it('gives a valid understanding of any string', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );

    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom('pt', 'en', 'es'), (text, customerName, fallbackLanguage) => {
        Understanding.parse(tier.understand({ text, customerName, fallbackLanguage }));
      }),
    );
  });
});
