import { z } from 'zod';
import { defineEvent } from '../definition.js';

/** Settings of one scope changed; whoever caches them reads them again. */
export const SettingsChanged = defineEvent({
  name: 'settings.changed',
  stream: 'FACTS',
  version: 1,
  schema: z.object({ scope: z.enum(['organisation', 'user', 'session']), subject: z.string().max(128) }),
});
export type SettingsChanged = z.infer<typeof SettingsChanged.schema>;
