import type { Understanding } from '#contracts';

/** What the slower tier is given: the text and the turns before it, oldest first. */
export interface LlmInput {
  readonly text: string;
  readonly turns: readonly { readonly from: 'customer' | 'agent'; readonly text: string }[];
}

/** The port of the tier that thinks: it may take seconds, may be away, and never stands in the instant tier's way. */
export abstract class LlmTier {
  abstract readonly version: string;

  /** Undefined when the tier is away or has nothing to add. */
  abstract understand(input: LlmInput, signal: AbortSignal): Promise<Understanding | undefined>;
}
