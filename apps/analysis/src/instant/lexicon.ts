/** Tells the weight of one normalised word; 0 when the lexicon does not know it. */
export type Lexicon = (word: string) => number;

const MIN_STEM = 3;
const MAX_STEM = 12;

/** Reads [weight, words between spaces] rows; `otim*` stands for every word that begins so. */
export function lexicon(rows: readonly (readonly [weight: number, words: string])[]): Lexicon {
  const words = new Map<string, number>();
  const stems = new Map<string, number>();
  for (const [weight, list] of rows) {
    for (const entry of list.split(/\s+/)) {
      if (entry.endsWith('*')) stems.set(entry.slice(0, -1), weight);
      else words.set(entry, weight);
    }
  }
  return (word) => words.get(word) ?? weightOfStem(stems, word);
}

function weightOfStem(stems: ReadonlyMap<string, number>, word: string): number {
  for (let length = Math.min(word.length, MAX_STEM); length >= MIN_STEM; length--) {
    const weight = stems.get(word.slice(0, length));
    if (weight !== undefined) return weight;
  }
  return 0;
}
