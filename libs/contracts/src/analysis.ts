import { z } from 'zod';
import { Id, Instant } from './primitives.js';

export const Tier = z.enum(['instant', 'llm']);
export type Tier = z.infer<typeof Tier>;

export const Intent = z.enum([
  'purchase',
  'price_question',
  'support',
  'complaint',
  'scheduling',
  'greeting',
  'cancel',
  'payment',
  'delivery',
  'other',
]);
export type Intent = z.infer<typeof Intent>;

export const Language = z.enum(['pt', 'en', 'es', 'und']);
export type Language = z.infer<typeof Language>;

export const SentimentLabel = z.enum(['negative', 'neutral', 'positive']);
export type SentimentLabel = z.infer<typeof SentimentLabel>;

export const NextActionKind = z.enum(['reply', 'send_price', 'schedule', 'call_back', 'hand_over', 'wait']);

/** What the agent should do next, as one practical sentence in the conversation's language. */
export const NextAction = z.object({ kind: NextActionKind, text: z.string().max(300) });
export type NextAction = z.infer<typeof NextAction>;

/** A reply the agent can send as it is. */
export const Suggestion = z.object({ text: z.string().min(1).max(1_000) });
export type Suggestion = z.infer<typeof Suggestion>;

/** What a tier understood of one text, before it is tied to a message. */
export const Understanding = z.object({
  language: Language,
  sentiment: z.object({ score: z.number().min(-1).max(1), label: SentimentLabel }),
  intent: Intent,
  confidence: z.number().min(0).max(1),
  leadScore: z.int().min(0).max(100),
  suggestions: z.array(Suggestion).max(3),
  nextAction: NextAction,
});
export type Understanding = z.infer<typeof Understanding>;

/** An understanding of one stored message by one version of one tier. */
export const Analysis = Understanding.extend({
  messageId: Id,
  tier: Tier,
  modelVersion: z.string().max(100),
  analysedAt: Instant,
});
export type Analysis = z.infer<typeof Analysis>;
