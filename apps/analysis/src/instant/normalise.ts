/** A text made comparable: lower case, no accents, one space between tokens. Abbreviations (vc, pq, obg) stay words. */
export interface NormalText {
  /** Words, emoji, ':(' ':)', and '?', '!', '.' where a clause ends. */
  readonly tokens: readonly string[];
  readonly words: readonly string[];
  readonly vocabulary: ReadonlySet<string>;
  /** The tokens between single spaces, one before the first and after the last, so that ' oi ' finds only the word. */
  readonly padded: string;
}

const MAX_LENGTH = 4_000;
const TOKEN = /:-?[()](?!\d)|\p{N}+(?:[.,]\p{N}+)*|\p{L}+|\?+|!+|[.,;\n]+|\p{Extended_Pictographic}/gu;
const WORD = /^[\p{L}\p{N}]/u;

export function normalise(text: string): NormalText {
  const tokens = (fold(text).match(TOKEN) ?? []).map(canonical);
  const words = tokens.filter((token) => WORD.test(token));
  return { tokens, words, vocabulary: new Set(words), padded: ` ${tokens.join(' ')} ` };
}

/** Compatibility forms may grow a text many times over, so it is cut before and after. */
function fold(text: string): string {
  return text
    .slice(0, MAX_LENGTH)
    .normalize('NFKD')
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[\p{M}'’]/gu, '')
    .replace(/([a-z])\1{2,}/g, '$1');
}

function canonical(token: string): string {
  switch (token.charAt(0)) {
    case '?':
      return '?';
    case '!':
      return '!';
    case ':':
      return `:${token.slice(-1)}`;
    case '.':
    case ',':
    case ';':
    case '\n':
      return '.';
    default:
      return token;
  }
}
