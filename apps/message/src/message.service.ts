import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { type Message, type MessageReceived, type MessageSend, MessageStored } from '#contracts';
import { KeyStore, type OrganisationKeys } from '#crypto';
import { Database, type Transaction } from '#db';
import { reached } from '#server';
import { rankOf } from './ack.js';
import { ContactRepository } from './contact.repository.js';
import { previewOf } from './conversation.js';
import { type Inbound, prepareInbound } from './inbound.js';
import { type InboundRow, MessageRepository, type NewMessage, type Written } from './message.repository.js';
import { toMessage } from './message.row.js';

type Stored = { readonly message: Message; readonly contactId: string; readonly customerName: string | null };

/** Keeps messages: what came in, what goes out, and what an analysis says of them. */
@Injectable()
export class MessageService {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly contacts: ContactRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** Stores received messages, one transaction per organisation, and says so. Repeating it changes nothing and says the same. */
  async storeReceived(batch: readonly Delivered<MessageReceived>[]): Promise<void> {
    await eachOrganisation(batch, async (organisationId, deliveries) => {
      const keys = await this.keyStore.of(organisationId);
      const prepared = prepareInbound(keys, deliveries);
      const stored = await this.#keep(keys, prepared);
      await Promise.all(
        prepared.map(async ({ messageId, delivery }) => {
          const one = stored.get(messageId);
          if (one) await this.#tellStored(keys, delivery, one);
          reached('stored', delivery.since);
        }),
      );
    });
  }

  /** Stores an outbound message as pending, before the line has it; the answer is the message as every screen will show it. */
  async storeOutbound(tx: Transaction, keys: OrganisationKeys, delivery: Delivered<MessageSend>): Promise<Message> {
    const { messageId, conversationId, sessionId, providerId, text } = delivery.data;
    const report = { sessionId, providerId, ack: rankOf('pending'), failure: null };
    // an ack may have come first; its row decides
    const [heard] = await this.messages.reportAcks(tx, keys.organisationId, [report]);
    const row: NewMessage = {
      id: messageId,
      conversationId,
      sessionId,
      providerId,
      content: keys.seal(messageId, 'content', text),
      preview: keys.seal(messageId, 'preview', previewOf('text', text)),
      type: 'text',
      direction: 'outbound',
      timestamp: new Date(delivery.at).toISOString(),
      timeFlag: null,
      seq: delivery.seq,
      ack: heard?.ack ?? report.ack,
      failure: heard?.failure ?? null,
      sentBy: delivery.by ?? null,
      metadata: {},
    };
    await this.messages.insert(tx, keys.organisationId, [row]);
    const [stored] = await this.messages.byIds(tx, keys.organisationId, [messageId]);
    if (!stored) throw new Error('an outbound message was not stored');
    return toMessage(keys, stored);
  }

  /** Says that an outbound message is stored, after its transaction. */
  async tellOutbound(keys: OrganisationKeys, delivery: Delivered<MessageSend>, message: Message): Promise<void> {
    await this.#tellStored(keys, delivery, { message, contactId: delivery.data.contactId, customerName: null });
  }

  async #keep(keys: OrganisationKeys, prepared: readonly Inbound[]): Promise<Map<string, Stored>> {
    const written = new Map(
      (await this.messages.insertInbound(keys.organisationId, prepared.map(rowOf))).map((one) => [one.messageId, one]),
    );
    const strangers = prepared.filter((one) => !written.has(one.messageId));
    if (strangers.length > 0) {
      await this.database.withOrganisation(keys.organisationId, (tx) => this.contacts.place(tx, keys, strangers));
      for (const one of await this.messages.insertInbound(keys.organisationId, strangers.map(rowOf))) written.set(one.messageId, one);
    }
    // what was there before is told as it was stored, whatever this delivery says
    const older = await this.#older(
      keys,
      [...written.values()].filter((one) => !one.isNew),
    );
    return new Map(
      prepared.map((one) => {
        const place = written.get(one.messageId);
        if (!place) throw new Error('a message was left without a conversation');
        const message = older.get(one.messageId) ?? messageOf(one, place.conversationId);
        return [one.messageId, { message, contactId: place.contactId, customerName: one.delivery.data.name }];
      }),
    );
  }

  async #older(keys: OrganisationKeys, known: readonly Written[]): Promise<Map<string, Message>> {
    if (known.length === 0) return new Map();
    const ids = known.map((one) => one.messageId);
    const rows = await this.database.withOrganisation(keys.organisationId, (tx) => this.messages.byIds(tx, keys.organisationId, ids));
    return new Map(rows.map((row) => [row.id, toMessage(keys, row)]));
  }

  async #tellStored(keys: OrganisationKeys, cause: Delivered<unknown>, stored: Stored): Promise<void> {
    const { message, contactId, customerName } = stored;
    const { id, failure: _failure, ...rest } = message;
    await this.bus.publish(
      MessageStored,
      { organisationId: keys.organisationId, id: `${id}:stored`, chat: cause.chat, cause },
      { messageId: id, contactId, customerName, ...rest },
    );
  }
}

/** Runs `work` for each organisation of a batch, keeping the order within it. */
export async function eachOrganisation<D>(
  batch: readonly Delivered<D>[],
  work: (organisationId: string, deliveries: Delivered<D>[]) => Promise<void>,
): Promise<void> {
  const groups = Map.groupBy(batch, (delivery) => delivery.organisationId);
  for (const [organisationId, deliveries] of groups) await work(organisationId, deliveries);
}

function rowOf(one: Inbound): InboundRow {
  const { sessionId, providerId, type, timestamp, timeFlag, providerType, quotedProviderId } = one.delivery.data;
  const [from, ...also] = one.identities.map(({ identity, hash }) => ({ kind: identity.kind, hash }));
  return {
    id: one.messageId,
    kind: from?.kind ?? '',
    hash: from?.hash ?? '',
    also,
    sessionId,
    providerId,
    content: one.content,
    preview: one.preview,
    type,
    direction: 'inbound',
    timestamp,
    timeFlag,
    seq: one.delivery.seq,
    ack: null,
    failure: null,
    sentBy: null,
    metadata: { ...(providerType ? { providerType } : {}), ...(quotedProviderId ? { quotedProviderId } : {}) },
  };
}

function messageOf(one: Inbound, conversationId: string): Message {
  const { sessionId, providerId, type, text, timestamp, timeFlag } = one.delivery.data;
  return {
    id: one.messageId,
    conversationId,
    sessionId,
    direction: 'inbound',
    type,
    text,
    timestamp,
    timeFlag,
    seq: one.delivery.seq,
    ack: null,
    failure: null,
    sentBy: null,
    providerId,
  };
}
