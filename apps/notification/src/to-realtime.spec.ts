import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REALTIME_TEXT, type MessageStored, RealtimeEvents } from '#contracts';
import { toMessageCreated } from './to-realtime.js';

const stored = (text: string | null): MessageStored => ({
  messageId: randomUUID(),
  conversationId: randomUUID(),
  contactId: randomUUID(),
  sessionId: randomUUID(),
  providerId: '3AE7',
  direction: 'inbound',
  type: 'text',
  text,
  timestamp: '2026-11-22T12:00:00.000Z',
  timeFlag: null,
  seq: 7,
  ack: null,
  sentBy: null,
  customerName: 'Maria',
});

describe(toMessageCreated.name, () => {
  it('is a message as the socket promises it, whatever its text', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ unit: 'binary' })), (text) => {
        const event = stored(text);

        const shown = RealtimeEvents['message.created'].parse(toMessageCreated(event));

        expect(shown).toMatchObject({ id: event.messageId, text, truncated: false, customerName: 'Maria', seq: 7 });
      }),
    );
  });

  it('cuts a text that is too long for the socket, marks it, and never splits a character', () => {
    const text = 'x'.repeat(MAX_REALTIME_TEXT - 1) + '👋'.repeat(10);

    const shown = toMessageCreated(stored(text));

    expect(shown.truncated).toBe(true);
    expect(shown.text?.isWellFormed()).toBe(true);
    expect(shown.text?.startsWith('x'.repeat(MAX_REALTIME_TEXT - 1))).toBe(true);
    expect(shown.text?.length).toBeLessThanOrEqual(MAX_REALTIME_TEXT);
  });

  it('leaves a text alone that just fits', () => {
    expect(toMessageCreated(stored('x'.repeat(MAX_REALTIME_TEXT)))).toMatchObject({ truncated: false });
  });
});
