import type { PublishOptions } from '#bus';
import type { Identity, MessageReceived, TimeFlag } from '#contracts';
import type { OrganisationKeys } from '#crypto';

/** Before WhatsApp existed no message was written; from the future none comes but by a wrong clock. */
const EARLIEST = Date.UTC(2009, 0, 1);
const FUTURE_MS = 24 * 3_600_000;

/** The time a message is filed under: its provider's, or ours with the reason, where the provider's is missing or cannot be. */
export function plausibleTime(providerMs: number | null, now: number): { timestamp: string; timeFlag: TimeFlag | null } {
  if (providerMs === null) return { timestamp: new Date(now).toISOString(), timeFlag: 'missing' };
  const plausible = providerMs >= EARLIEST && providerMs <= now + FUTURE_MS;
  return plausible
    ? { timestamp: new Date(providerMs).toISOString(), timeFlag: null }
    : { timestamp: new Date(now).toISOString(), timeFlag: 'implausible' };
}

/** What a source says of a message, before it gets its place in an organisation. */
export type Heard = Omit<MessageReceived, 'messageId' | 'sessionId'>;

/** A heard message as an event of its session, with the id and subject it is published under. */
export function toReceived(
  keys: OrganisationKeys,
  sessionId: string,
  heard: Heard,
): { options: Pick<PublishOptions, 'organisationId' | 'id' | 'chat'>; data: MessageReceived } {
  const { providerId } = heard;
  const options = {
    organisationId: keys.organisationId,
    id: `${sessionId}:${providerId}:message:final`,
    chat: chatOf(keys, heard.from),
  };
  return { options, data: { ...heard, messageId: keys.id('message', sessionId, providerId), sessionId } };
}

const chatOf = (keys: OrganisationKeys, from: Identity) => keys.chatToken(from.kind, from.value);
