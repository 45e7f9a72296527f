import { describe, expect, it } from 'vitest';
import { normalise } from './normalise.js';
import { detectSentiment } from './sentiment.js';

describe(detectSentiment.name, () => {
  it.each([
    ['positive', 'Adorei o atendimento, parabéns! 😍'],
    ['positive', 'gostei mto'],
    ['positive', 'Muito obrigada!'],
    ['positive', 'Não é barato, mas é ótimo'],
    ['positive', 'I love it, great service'],
    ['negative', 'Não gostei'],
    ['negative', 'não foi nada bom'],
    ['negative', 'péssimo, quero meu dinheiro de volta 😡'],
    ['negative', 'ainda não recebi meu pedido :('],
    ['negative', 'This is terrible, it does not work and nobody answers'],
    ['neutral', 'Bom dia'],
    ['neutral', 'Boa tarde, quanto custa?'],
    ['neutral', 'Não, obrigada'],
    ['neutral', 'sem problemas'],
    ['neutral', ''],
  ])('feels %s in "%s"', (label, text) => {
    expect(detectSentiment(normalise(text)).label).toBe(label);
  });

  it('is surer of a stronger word', () => {
    const mild = detectSentiment(normalise('muito bom'));
    const strong = detectSentiment(normalise('maravilhoso e perfeito'));

    expect(strong.score).toBeGreaterThan(mild.score);
  });

  it('stays within -1 and 1 however angry the text', () => {
    const { score } = detectSentiment(normalise('péssimo horrível '.repeat(200)));

    expect(score).toBeGreaterThanOrEqual(-1);
    expect(score).toBeLessThan(-0.9);
  });
});
