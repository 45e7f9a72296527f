import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Delivered } from '#bus';
import { type Conversation, Id, Identity, Instant, type Message, type MessageAnalysed, type Page } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { cursorOf, pageOfRows, reached, timeCursor } from '#server';
import { type ConversationFilter, type ConversationMood, ConversationRepository } from './conversation.repository.js';
import { MessageRepository } from './message.repository.js';
import { toConversation, toMessage } from './message.row.js';
import { eachOrganisation } from './message.service.js';

/** A thread's position: provider time, sequence of arrival, id. */
const threadCursor = cursorOf(z.tuple([Instant, z.int(), Id]));

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

  /** A page of the inbox, last message first. */
  async list(organisationId: string, filter: ConversationFilter, page: PageRequest): Promise<Page<Conversation>> {
    const keys = await this.keyStore.of(organisationId);
    const before = timeCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, (tx) =>
      this.conversations.page(tx, organisationId, filter, before, page.limit),
    );
    return pageOfRows(
      rows.map((row) => toConversation(keys, row)),
      page.limit,
      timeCursor,
      (last) => [last.lastMessageAt, last.id],
    );
  }

  async byId(organisationId: string, id: string): Promise<Conversation | null> {
    const keys = await this.keyStore.of(organisationId);
    const row = await this.database.withOrganisation(organisationId, (tx) => this.conversations.byId(tx, organisationId, id));
    return row ? toConversation(keys, row) : null;
  }

  /** A page of a thread, newest first; null when there is no such conversation. */
  async thread(organisationId: string, conversationId: string, page: PageRequest): Promise<Page<Message> | null> {
    const keys = await this.keyStore.of(organisationId);
    const before = threadCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, async (tx) => {
      const found = await this.messages.page(tx, organisationId, conversationId, before, page.limit);
      if (found.length > 0 || (await this.conversations.byId(tx, organisationId, conversationId))) return found;
      return null;
    });
    if (!rows) return null;
    return pageOfRows(
      rows.map((row) => toMessage(keys, row)),
      page.limit,
      threadCursor,
      (last) => [last.timestamp, last.seq, last.id],
    );
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
        return {
          messageId,
          conversationId: data.conversationId,
          contactId: data.contactId,
          intent,
          sentiment: sentiment.label,
          score: leadScore,
        };
      });
      await this.database.withOrganisation(organisationId, (tx) => this.conversations.noteMoods(tx, organisationId, moods));
      for (const delivery of deliveries) reached('analysed', delivery.since);
    });
  }
}
