import { describe, expect, it } from 'vitest';
import { isClosing } from './closing.js';
import { normalise } from './normalise.js';

describe(isClosing.name, () => {
  it.each(['Obrigada!', 'ok', 'blz, valeu 👍', 'muito obrigado pela atenção', '👍', 'Thank you so much', 'gracias'])(
    'owes no answer to "%s"',
    (text) => {
      expect(isClosing(normalise(text))).toBe(true);
    },
  );

  it.each(['', 'ok?', 'obrigada, e o frete?', 'kkkk', 'oi'])('owes an answer to "%s"', (text) => {
    expect(isClosing(normalise(text))).toBe(false);
  });
});
