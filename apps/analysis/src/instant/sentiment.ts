import type { Understanding } from '#contracts';
import type { NormalText } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';
import { moodOf } from './sentiment-words.js';

const NEGATION = new Set(
  `nao n naum nunca nem sem nenhum nenhuma jamais not dont doesnt didnt isnt wasnt cant never without sin`.split(' '),
);
const INTENSIFIER = new Set(`muito muita mto mt super tao demais very really extremely so too muy`.split(' '));
const CLAUSE_END = new Set(`. ? ! mas porem but pero`.split(' '));
const PART_OF_DAY = new Set(`dia tarde noite morning afternoon evening night dias tardes noches`.split(' '));

const FRUSTRATIONS = phrases(`nao recebi, nao chegou, nao funciona, nao ta funcionando, nao esta funcionando, nao consigo, ate agora nada,
  ninguem responde, ninguem me responde, nao respondem, cade meu, cade minha, falta de respeito, nunca mais, muito caro, achei caro, meu dinheiro de volta,
  vou procurar meus direitos, not working, doesnt work, never arrived, didnt arrive, hasnt arrived, nobody answers, my money back,
  no funciona, no llego, no me gust*`);

/** How many words back a negation still reaches: "não foi nada bom". */
const NEGATION_REACH = 3;
const LABEL_FROM = 0.25;

/** The customer's mood: weighted words and phrases, squeezed into -1…1 so that no single word reaches the end. */
export function detectSentiment(text: NormalText): Understanding['sentiment'] {
  const words = text.tokens.reduce((sum, _, at) => sum + moodAt(text.tokens, at), 0);
  const sum = words - countPhrases(text, FRUSTRATIONS);
  const score = Math.round((100 * sum) / (Math.abs(sum) + 2)) / 100 || 0;
  return { score, label: score >= LABEL_FROM ? 'positive' : score <= -LABEL_FROM ? 'negative' : 'neutral' };
}

function moodAt(tokens: readonly string[], at: number): number {
  const mood = moodOf(tokens[at] ?? '');
  if (mood === 0 || PART_OF_DAY.has(tokens[at + 1] ?? '')) return 0;
  const strong = INTENSIFIER.has(tokens[at - 1] ?? '') ? mood * 1.5 : mood;
  // "Não, obrigada" is polite, and "sem problema" is less than a compliment.
  if (Math.abs(mood) < 1 || !isNegated(tokens, at)) return strong;
  return mood > 0 ? -strong : -strong / 2;
}

function isNegated(tokens: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= Math.max(0, at - NEGATION_REACH); before--) {
    const token = tokens[before] ?? '';
    if (CLAUSE_END.has(token)) return false;
    if (NEGATION.has(token)) return true;
  }
  return false;
}
