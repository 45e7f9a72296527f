import type { Intent } from '#contracts';
import type { NormalText } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';

const BASE: Readonly<Record<Intent, number>> = {
  purchase: 80,
  price_question: 65,
  scheduling: 60,
  payment: 55,
  delivery: 35,
  greeting: 30,
  support: 25,
  other: 20,
  complaint: 15,
  cancel: 10,
};

const SELLING_FROM = 50;
const URGENCY = phrases(`hoje, agora, urgente, urgencia, o quanto antes, o mais rapido, today, right now, asap, urgent, hoy, ahora`);
const WISH = phrases(`quero, queria, preciso, gostaria, want, need, id like, would like, quiero, necesito`);

/**
 * How likely the message leads to a sale, 0-100:
 * base of the intent + 15 × sentiment score + where it is about selling (base ≥ 50) 8 for urgency, 5 for a wish, 4 for a number named.
 */
export function leadScore(text: NormalText, intent: Intent, sentimentScore: number): number {
  const base = BASE[intent];
  const signals = base >= SELLING_FROM ? sellingSignals(text) : 0;
  return Math.min(100, Math.max(0, Math.round(base + 15 * sentimentScore + signals)));
}

function sellingSignals(text: NormalText): number {
  const urgency = countPhrases(text, URGENCY) > 0 ? 8 : 0;
  const wish = countPhrases(text, WISH) > 0 ? 5 : 0;
  const number = text.words.some((word) => /^\d/.test(word)) ? 4 : 0;
  return urgency + wish + number;
}
