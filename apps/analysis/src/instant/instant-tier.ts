import type { Understanding } from '#contracts';

export interface InstantInput {
  readonly text: string;
  /** The language to answer in when the text's own cannot be told. */
  readonly fallbackLanguage: 'pt' | 'en' | 'es';
  /** As the customer calls himself on WhatsApp: anything may be in it. */
  readonly customerName: string | null;
}

/** Understands one text at once, on this machine, from the text alone. */
export abstract class InstantTier {
  abstract readonly version: string;
  abstract understand(input: InstantInput): Understanding;
}
