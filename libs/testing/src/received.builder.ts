import { randomUUID } from 'node:crypto';
import type { Identity, MessageReceived } from '#contracts';
import type { OrganisationKeys } from '#crypto';

/** What a customer wrote, as its source says it; everything can be overridden, and the id follows from session and provider id. */
export function received(keys: OrganisationKeys, overrides: Partial<MessageReceived> = {}): MessageReceived {
  const sessionId = overrides.sessionId ?? keys.id('test-session');
  const providerId = overrides.providerId ?? randomUUID();
  return {
    messageId: keys.id('message', sessionId, providerId),
    sessionId,
    driver: 'sandbox',
    providerId,
    from: phone('5511987650001'),
    alsoKnownAs: [],
    name: 'Maria Souza',
    type: 'text',
    providerType: null,
    text: 'Oi, quanto custa o plano anual?',
    timestamp: '2026-11-22T12:00:00.000Z',
    timeFlag: null,
    quotedProviderId: null,
    ...overrides,
  };
}

/** A person by phone, digits only. */
export const phone = (value: string): Identity => ({ kind: 'phone', value });
