import { describe, expect, it } from 'vitest';
import { messages } from './messages.js';
import { nextAction } from './next-action.js';
import { normalise } from './normalise.js';

const { steps } = messages.pt;

describe(nextAction.name, () => {
  it.each([
    ['send_price', 'price_question'],
    ['schedule', 'scheduling'],
    ['reply', 'support'],
    ['wait', 'closing'],
  ] as const)('advises %s on %s', (kind, topic) => {
    expect(nextAction(normalise('oi'), topic, 0, steps)).toEqual({ kind, text: steps[topic] });
  });

  it('hands over who asks for a person, whatever else is said', () => {
    expect(nextAction(normalise('quero falar com um atendente sobre o preço'), 'price_question', 0, steps).kind).toBe('hand_over');
  });

  it('calls back who asks for a call', () => {
    expect(nextAction(normalise('Me liga por favor'), 'other', 0, steps).kind).toBe('call_back');
  });

  it('hands over an angry complaint and has a calm one answered', () => {
    expect(nextAction(normalise('absurdo'), 'complaint', -0.6, steps).kind).toBe('hand_over');
    expect(nextAction(normalise('veio errado'), 'complaint', -0.3, steps).kind).toBe('reply');
  });
});
