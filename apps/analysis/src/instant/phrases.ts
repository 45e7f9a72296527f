import type { NormalText } from './normalise.js';

/** Phrases ready to be looked for in a normalised text. */
export type Phrases = readonly {
  readonly needle: string;
  /** A whole word the text must have, which is quicker to rule out; null where the first word is open-ended. */
  readonly firstWord: string | null;
}[];

/** Reads phrases separated by commas, written without accents; `prec*` accepts any ending of its last word. */
export function phrases(list: string): Phrases {
  return list
    .split(',')
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')
    .map((phrase) => {
      const first = phrase.split(' ', 1).join('');
      const needle = phrase.endsWith('*') ? ` ${phrase.slice(0, -1)}` : ` ${phrase} `;
      return { needle, firstWord: first.endsWith('*') ? null : first };
    });
}

export function countPhrases(text: NormalText, wanted: Phrases): number {
  let count = 0;
  for (const { needle, firstWord } of wanted) {
    if ((firstWord === null || text.vocabulary.has(firstWord)) && text.padded.includes(needle)) count++;
  }
  return count;
}
