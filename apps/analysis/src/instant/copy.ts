import type { Intent } from '#contracts';

export type Topic = Intent | 'closing';
export type Step = Topic | 'call_back' | 'hand_over';

/** Ready to send; `{name}` becomes ", Maria" or nothing. */
export type Replies = readonly [string, string, string];

/** What people read, in one language: it must promise nothing that rules cannot know, neither prices nor dates. */
export interface Copy {
  readonly replies: Readonly<Record<Topic, Replies>>;
  readonly steps: Readonly<Record<Step, string>>;
}
