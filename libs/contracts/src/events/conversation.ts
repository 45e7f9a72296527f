import { z } from 'zod';
import { Intent, SentimentLabel } from '../analysis.js';
import { defineEvent } from '../definition.js';
import { ConversationStatus, Id } from '../primitives.js';

/** What a list row shows of a conversation changed: status, assignee, unread count, last intent, score. */
export const ConversationChanged = defineEvent({
  name: 'conversation.changed',
  stream: 'FACTS',
  version: 1,
  schema: z.object({
    conversationId: Id,
    status: ConversationStatus,
    userId: Id.nullable(),
    unread: z.int().min(0),
    lastIntent: Intent.nullable(),
    lastSentiment: SentimentLabel.nullable(),
    leadScore: z.int().min(0).max(100).nullable(),
  }),
});
export type ConversationChanged = z.infer<typeof ConversationChanged.schema>;
