import { MAX_REALTIME_TEXT, type MessageStored } from '#contracts';

/** A stored message as screens get it; a very long text is cut and marked, the rest is read over REST. */
export function toMessageCreated(stored: MessageStored) {
  const { messageId, text, ...rest } = stored;
  const truncated = text !== null && text.length > MAX_REALTIME_TEXT;
  // never in the middle of a character
  const shown = truncated ? text.slice(0, MAX_REALTIME_TEXT).toWellFormed() : text;
  return { id: messageId, ...rest, text: shown, truncated, failure: null };
}
