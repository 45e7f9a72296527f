import { Injectable } from '@nestjs/common';
import type { Delivered } from '#bus';
import { type Conversation, Identity, type Message, type MessageAnalysed, type Page } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { reached } from '#server';
import { type ConversationFilter, type ConversationMood, ConversationRepository } from './conversation.repository.js';
import { conversationCursor, messageCursor } from './cursor.js';
import { MessageRepository } from './message.repository.js';
import { toConversation, toMessage } from './message.row.js';
import { eachOrganisation } from './message.service.js';

interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Reads conversations and threads, and keeps what analyses say of them. */
@Injectable()
export class ConversationService {
  constructor(
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** A page of the inbox, last message first. A cursor nobody made here starts at the top. */
  async list(organisationId: string, filter: ConversationFilter, page: PageRequest): Promise<Page<Conversation>> {
    const keys = await this.keyStore.of(organisationId);
    const before = page.cursor === undefined ? undefined : conversationCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, (tx) =>
      this.conversations.page(tx, organisationId, filter, before, page.limit),
    );
    const items = rows.slice(0, page.limit).map((row) => toConversation(keys, row));
    const last = items.at(-1);
    const next = rows.length > page.limit && last ? conversationCursor.encode([last.lastMessageAt, last.id]) : null;
    return { items, next };
  }

  async byId(organisationId: string, id: string): Promise<Conversation | null> {
    const keys = await this.keyStore.of(organisationId);
    const row = await this.database.withOrganisation(organisationId, (tx) => this.conversations.byId(tx, organisationId, id));
    return row ? toConversation(keys, row) : null;
  }

  /** A page of a thread, newest first; null when there is no such conversation. */
  async thread(organisationId: string, conversationId: string, page: PageRequest): Promise<Page<Message> | null> {
    const keys = await this.keyStore.of(organisationId);
    const before = page.cursor === undefined ? undefined : messageCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, async (tx) => {
      const found = await this.messages.page(tx, organisationId, conversationId, before, page.limit);
      if (found.length > 0 || (await this.conversations.byId(tx, organisationId, conversationId))) return found;
      return null;
    });
    if (!rows) return null;
    const items = rows.slice(0, page.limit).map((row) => toMessage(keys, row));
    const last = items.at(-1);
    const next = rows.length > page.limit && last ? messageCursor.encode([last.timestamp, last.seq, last.id]) : null;
    return { items, next };
  }

  /** Where a reply goes: the session and the identity the customer wrote from. */
  async route(organisationId: string, id: string): Promise<{ sessionId: string; contactId: string; to: Identity } | null> {
    const keys = await this.keyStore.of(organisationId);
    const row = await this.database.withOrganisation(organisationId, (tx) => this.conversations.byId(tx, organisationId, id));
    if (!row) return null;
    const to = Identity.parse(JSON.parse(keys.open(row.id, 'whatsapp_id', row.whatsapp_id)));
    return { sessionId: row.session_id, contactId: row.contact_id, to };
  }

  /** Keeps the newest intent, sentiment and score of each conversation, so that lists filter without another app. */
  async noteAnalyses(batch: readonly Delivered<MessageAnalysed>[]): Promise<void> {
    await eachOrganisation(batch, async (organisationId, deliveries) => {
      const moods = deliveries.map(({ data }): ConversationMood => {
        const { messageId, intent, sentiment, leadScore } = data.analysis;
        return { messageId, conversationId: data.conversationId, contactId: data.contactId, intent, sentiment: sentiment.label, score: leadScore };
      });
      await this.database.withOrganisation(organisationId, (tx) => this.conversations.noteMoods(tx, organisationId, moods));
      for (const delivery of deliveries) reached('analysed', delivery.since);
    });
  }
}
