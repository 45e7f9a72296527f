import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, MessageReceived, MessageSend, SessionById } from '#contracts';
import { chatOf, durableName, filterOf, questionSubject, subjectOf } from './subject.js';

const organisation = '018f4b1e-7c5a-4d2b-9f3e-2a1b3c4d5e6f';

describe('subjects', () => {
  it('name stream, thing, verb, organisation and chat', () => {
    expect(subjectOf(MessageReceived, organisation, 'Zm9v')).toBe(`inbox.message.received.${organisation}.Zm9v`);
    expect(subjectOf(MessageSend, organisation)).toBe(`commands.message.send.${organisation}.-`);
    expect(chatOf(subjectOf(MessageReceived, organisation, 'a-_9'))).toBe('a-_9');
  });

  it('are found by a filter of their own definition only', () => {
    const longer = defineEvent({ name: 'message.receivedagain', stream: 'INBOX', version: 1, schema: z.object({}) });

    expect(filterOf(MessageReceived)).toBe('inbox.message.received.>');
    expect(subjectOf(longer, organisation).startsWith(filterOf(MessageReceived).slice(0, -1))).toBe(false);
  });

  it('give a durable consumer and a question one name per app and thing', () => {
    expect(durableName('message', MessageReceived)).toBe('message-message-received');
    expect(durableName('session', MessageSend)).not.toBe(durableName('message', MessageSend));
    expect(questionSubject(SessionById)).toBe('ask.session.session.by-id');
  });
});
