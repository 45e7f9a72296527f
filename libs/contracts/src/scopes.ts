import { z } from 'zod';

/** What a token may do. `operator` belongs to the installation; every other scope to one organisation. */
export const Scope = z.enum([
  'operator',
  'sessions:read',
  'sessions:write',
  'conversations:read',
  'conversations:write',
  'settings:read',
  'settings:write',
  'clients:write',
  'realtime',
  'sandbox',
]);
export type Scope = z.infer<typeof Scope>;

/** Every scope an organisation's own client can have. */
export const ORGANISATION_SCOPES: readonly Scope[] = Scope.options.filter((scope) => scope !== 'operator');
