import type { NormalText } from './normalise.js';
import { countPhrases, phrases } from './phrases.js';

const OPENINGS =
  phrases(`oi, oie, oii, oiee, ola, opa, eai, e ai, salve, alo, bom dia, boa tarde, boa noite, bom diaa, boa tardee, bd, bt, bn,
  tudo bem, td bem, tudo bom, tudo certo, hello, hi, hey, good morning, good afternoon, good evening, hola, buenos dias, buenas`);

const SMALL_TALK = new Set(
  `oi oie oii oiee ola opa eai e ai salve alo bom boa dia tarde noite diaa tardee bd bt bn tudo td bem certo tranquilo com vc vcs voce voces
  como vai esta ta alguem tem gente moco moca amigo amiga pessoal por aqui hello hi hey there good morning afternoon evening how are you anyone
  doing hola buenos buenas dias tardes noches que tal`.split(/\s+/),
);

/** Whether a text greets and says little else: "Oi, tudo bem com vcs?". */
export function isGreeting(text: NormalText): boolean {
  if (countPhrases(text, OPENINGS) === 0) return false;
  const others = text.words.filter((word) => !SMALL_TALK.has(word)).length;
  return others <= 1;
}
