import type { NextAction } from '#contracts';
import type { Copy, Step, Topic } from './copy.js';
import type { NormalText } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';

const KIND: Readonly<Record<Step, NextAction['kind']>> = {
  purchase: 'reply',
  price_question: 'send_price',
  support: 'reply',
  complaint: 'reply',
  scheduling: 'schedule',
  greeting: 'reply',
  cancel: 'reply',
  payment: 'reply',
  delivery: 'reply',
  other: 'reply',
  closing: 'wait',
  call_back: 'call_back',
  hand_over: 'hand_over',
};

const WANTS_A_PERSON = phrases(`falar com um, falar com uma, falar com alguem, falar com o gerente, falar com a gerente, falar com gerente,
  falar com atendente, falar com o responsavel, atendente humano, pessoa de verdade, talk to a, speak to a, speak with a, talk to someone,
  speak to someone, a human, your manager, hablar con un, hablar con una, hablar con alguien`);
const WANTS_A_CALL =
  phrases(`me liga, me ligue, me ligar, pode ligar, podem ligar, liga pra mim, me telefona, call me, give me a call, llamame,
  me llamen, me llama`);
const ANGRY = -0.5;

/** The one practical step the agent should take now. */
export function nextAction(text: NormalText, topic: Topic, sentimentScore: number, steps: Copy['steps']): NextAction {
  const step = nextStep(text, topic, sentimentScore);
  return { kind: KIND[step], text: steps[step] };
}

function nextStep(text: NormalText, topic: Topic, sentimentScore: number): Step {
  if (countPhrases(text, WANTS_A_PERSON) > 0) return 'hand_over';
  if (countPhrases(text, WANTS_A_CALL) > 0) return 'call_back';
  if (topic === 'complaint' && sentimentScore <= ANGRY) return 'hand_over';
  return topic;
}
