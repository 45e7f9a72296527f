import type { Copy } from './copy.js';
import type { InstantInput } from './instant-tier.js';
import { en } from './messages.en.js';
import { es } from './messages.es.js';
import { pt } from './messages.pt.js';

/** All copy of the instant tier, by the language of the reply. */
export const messages: Readonly<Record<InstantInput['fallbackLanguage'], Copy>> = { pt, en, es };
