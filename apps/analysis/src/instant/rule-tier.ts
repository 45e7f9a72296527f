import { Injectable } from '@nestjs/common';
import type { Understanding } from '#contracts';
import { isClosing } from './closing.js';
import { firstName } from './first-name.js';
import { type InstantInput, InstantTier } from './instant-tier.js';
import { detectIntent } from './intent.js';
import { detectLanguage } from './language.js';
import { leadScore } from './lead-score.js';
import { messages } from './messages.js';
import { nextAction } from './next-action.js';
import { normalise } from './normalise.js';
import { detectSentiment } from './sentiment.js';
import { suggestions } from './suggestions.js';

/** The instant tier as hand-written rules, until a trained model takes its place. */
@Injectable()
export class RuleTier extends InstantTier {
  override readonly version = 'rules-1';

  override understand({ text, fallbackLanguage, customerName }: InstantInput): Understanding {
    const normal = normalise(text);
    const language = detectLanguage(normal);
    const sentiment = detectSentiment(normal);
    const { intent, confidence } = detectIntent(normal);
    const topic = intent === 'other' && isClosing(normal) ? 'closing' : intent;
    const copy = messages[language === 'und' ? fallbackLanguage : language];

    return {
      language,
      sentiment,
      intent,
      confidence,
      leadScore: leadScore(normal, intent, sentiment.score),
      suggestions: suggestions(copy.replies[topic], firstName(customerName)),
      nextAction: nextAction(normal, topic, sentiment.score, copy.steps),
    };
  }
}
