import type { Suggestion } from '#contracts';
import type { Replies } from './copy.js';

/** The prepared replies with `{name}` filled in, or left out where no name is known. */
export function suggestions(replies: Replies, name: string | null): Suggestion[] {
  const address = name === null ? '' : `, ${name}`;
  return replies.map((reply) => ({ text: reply.split('{name}').join(address) }));
}
