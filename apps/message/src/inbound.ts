import type { Delivered } from '#bus';
import type { Identity, MessageReceived } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { phoneOf, previewOf } from './conversation.js';

/** One of a person's identities, as it is found in the database. */
interface HashedIdentity {
  readonly identity: Identity;
  readonly hash: string;
}

/** An inbound message with everything that can be prepared before the transaction. */
export interface Inbound {
  readonly delivery: Delivered<MessageReceived>;
  readonly messageId: string;
  /** the first is the one the customer wrote from */
  readonly identities: readonly [HashedIdentity, ...HashedIdentity[]];
  readonly phone: string | null;
  readonly content: Buffer | null;
  readonly preview: Buffer;
}

const hashed = (keys: OrganisationKeys, identity: Identity): HashedIdentity => ({
  identity,
  hash: keys.hash(`identity:${identity.kind}`, identity.value).toString('hex'),
});

/** Prepares received messages for storing: one per message, the first received of those that are repeated. */
export function prepareInbound(keys: OrganisationKeys, batch: readonly Delivered<MessageReceived>[]): Inbound[] {
  const byId = new Map<string, Inbound>();
  for (const delivery of batch) {
    const { messageId, from, alsoKnownAs, type, text } = delivery.data;
    if (byId.has(messageId)) continue;
    byId.set(messageId, {
      delivery,
      messageId,
      identities: [hashed(keys, from), ...alsoKnownAs.map((identity) => hashed(keys, identity))],
      phone: phoneOf([from, ...alsoKnownAs]),
      content: text === null ? null : keys.seal(messageId, 'content', text),
      preview: keys.seal(messageId, 'preview', previewOf(type, text)),
    });
  }
  return [...byId.values()];
}
