import type { Intent } from '#contracts';
import { isGreeting } from './greeting.js';
import { EVIDENCE } from './intent-phrases.js';
import type { NormalText } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';

export interface DetectedIntent {
  readonly intent: Intent;
  readonly confidence: number;
}

const THRESHOLD = 0.4;
const GREETING_CONFIDENCE = 0.8;
/** That no rule speaks is weak evidence for "something else". */
const OTHER_CONFIDENCE = 0.3;

type Spoken = keyof typeof EVIDENCE;

const RULES = (
  ['purchase', 'price_question', 'support', 'complaint', 'scheduling', 'cancel', 'payment', 'delivery'] satisfies Spoken[]
).map((intent) => ({
  intent,
  strong: phrases(EVIDENCE[intent].strong),
  fair: phrases(EVIDENCE[intent].fair),
  weak: phrases(EVIDENCE[intent].weak),
  against: phrases(EVIDENCE[intent].against),
}));

/** What the customer wants: the intent with most evidence, a greeting when nothing but a greeting was said. */
export function detectIntent(text: NormalText): DetectedIntent {
  const [best, second] = RULES.map((rule) => ({ intent: rule.intent, points: points(text, rule) })).toSorted((a, b) => b.points - a.points);
  const confidence = certainty(best?.points ?? 0, second?.points ?? 0);
  if (best !== undefined && confidence >= THRESHOLD) return { intent: best.intent, confidence };
  if (isGreeting(text)) return { intent: 'greeting', confidence: GREETING_CONFIDENCE };
  return { intent: 'other', confidence: OTHER_CONFIDENCE };
}

function points(text: NormalText, { strong, fair, weak, against }: (typeof RULES)[number]): number {
  const evidence = 3 * countPhrases(text, strong) + 2 * countPhrases(text, fair) + countPhrases(text, weak);
  return Math.max(0, evidence - 3 * countPhrases(text, against));
}

/** Grows with the evidence, shrinks with the runner-up's; one weak word alone stays below the threshold. */
function certainty(best: number, second: number): number {
  return Math.round((100 * best) / (best + second + 2)) / 100;
}
