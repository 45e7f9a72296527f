import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { Driver, Id, Instant, SessionState } from '../primitives.js';

/** A session was made, changed its state, or was deleted (`deleted`). */
export const SessionChanged = defineEvent({
  name: 'session.changed',
  stream: 'INBOX',
  version: 1,
  schema: z.object({
    sessionId: Id,
    name: z.string().max(200),
    driver: Driver,
    state: SessionState,
    deleted: z.boolean(),
    at: Instant,
  }),
});
export type SessionChanged = z.infer<typeof SessionChanged.schema>;

/** A source sent something that is valid but means nothing to us; kept for diagnosis, without its content. */
export const SessionOddity = defineEvent({
  name: 'session.puzzled',
  stream: 'INBOX',
  version: 1,
  schema: z.object({ sessionId: Id, what: z.string().max(100), detail: z.string().max(300), at: Instant }),
});
export type SessionOddity = z.infer<typeof SessionOddity.schema>;
