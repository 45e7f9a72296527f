import type { Identity, MessageType } from '#contracts';

const PREVIEW_LENGTH = 160;

/** One line of a message for the list: white space folded, cut without splitting a character. */
export function previewOf(type: MessageType, text: string | null): string {
  if (text === null) return `[${type}]`;
  const line = text
    .slice(0, PREVIEW_LENGTH * 4)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > PREVIEW_LENGTH
    ? `${line
        .slice(0, PREVIEW_LENGTH - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
    : line;
}

/** The phone among a person's identities, digits only. */
export function phoneOf(identities: readonly Identity[]): string | null {
  return identities.find((identity) => identity.kind === 'phone')?.value ?? null;
}
