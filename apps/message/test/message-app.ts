import { randomUUID } from 'node:crypto';
import type { Bus, Delivered } from '#bus';
import type { Conversation, Message, MessageAcked, MessageFailed, MessageReceived, MessageSend, Page } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { CommandAnswers, Database } from '#db';
import { delivered, newOrganisation, received, type World } from '#testing';
import { AckService } from '../src/ack.service.js';
import { CommandService } from '../src/command.service.js';
import { ContactRepository } from '../src/contact.repository.js';
import { ConversationRepository } from '../src/conversation.repository.js';
import { ConversationService } from '../src/conversation.service.js';
import { MessageConsumer } from '../src/message.consumer.js';
import { MessageRepository } from '../src/message.repository.js';
import { MessageService } from '../src/message.service.js';

/** One replica of the message app without its server: what its consumer and its questions call, on real connections. */
export interface MessageApp {
  readonly database: Database;
  readonly consumer: MessageConsumer;
  readonly conversations: ConversationService;
  readonly commands: CommandService;
}

/** Puts a replica together. Close its database in `afterAll`. */
export function messageApp(world: World, bus: Bus): MessageApp {
  const database = new Database({ app: 'message', url: world.databaseUrl });
  const { keyStore } = world;
  const rows = new MessageRepository(database);
  const conversationRows = new ConversationRepository();
  const messages = new MessageService(bus, database, keyStore, new ContactRepository(), rows);
  const acks = new AckService(bus, database, rows);
  const answers = new CommandAnswers(database, 'message');
  const commands = new CommandService(bus, keyStore, answers, conversationRows, messages);
  const conversations = new ConversationService(database, keyStore, conversationRows, rows);
  return { database, consumer: new MessageConsumer(messages, acks, commands, conversations), conversations, commands };
}

/** An organisation with what a spec needs to speak for it. */
export class Company {
  private constructor(
    readonly id: string,
    readonly keys: OrganisationKeys,
  ) {}

  static async found(world: World): Promise<Company> {
    const id = await newOrganisation(world);
    return new Company(id, await world.keyStore.of(id));
  }

  /** A customer's message on its way to the consumer. */
  says(overrides: Partial<MessageReceived> = {}): Delivered<MessageReceived> {
    return delivered(received(this.keys, overrides), { organisationId: this.id });
  }

  /** An agent's answer to a conversation, with an idempotency of its own. */
  answers(conversation: Conversation, overrides: Partial<MessageSend> = {}): Delivered<MessageSend> {
    const providerId = overrides.providerId ?? randomUUID();
    const { id: conversationId, contactId, sessionId } = conversation;
    const messageId = this.keys.id('message', sessionId, providerId);
    const to = { kind: 'phone' as const, value: '5511987650001' };
    const data = { messageId, conversationId, contactId, sessionId, to, providerId, text: 'Custa 99 reais.', ...overrides };
    const idempotency = { client: 'crm', key: randomUUID(), requestHash: 'h' };
    return delivered(data, { organisationId: this.id, by: 'ana', idempotency });
  }

  /** How far the provider says a sent message got. */
  acks({ data }: Delivered<MessageSend>, ack: MessageAcked['ack']): Delivered<MessageAcked> {
    const { sessionId, providerId } = data;
    return delivered({ sessionId, providerId, ack, at: '2026-11-22T12:00:00.000Z' }, { organisationId: this.id });
  }

  /** The line's word that a message cannot be sent. */
  fails({ data }: Delivered<MessageSend>, reason: string): Delivered<MessageFailed> {
    const { messageId, conversationId, sessionId, providerId } = data;
    const at = '2026-11-22T12:00:00.000Z';
    return delivered({ messageId, conversationId, sessionId, providerId, reason, at }, { organisationId: this.id });
  }
}

/** Every item of a list, page by page. */
export async function everyItem<T>(page: (cursor: string | undefined) => Promise<Page<T> | null>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const { items: more, next } = (await page(cursor)) ?? { items: [], next: null };
    items.push(...more);
    if (next === null) return items;
    cursor = next;
  }
}

/** The whole inbox of an organisation, last message first. */
export function inboxOf(app: MessageApp, { id }: Company): Promise<Conversation[]> {
  return everyItem((cursor) => app.conversations.list(id, {}, { cursor, limit: 100 }));
}

/** A whole thread, newest first. */
export function threadIn(app: MessageApp, { id }: Company, conversationId: string): Promise<Message[]> {
  return everyItem((cursor) => app.conversations.thread(id, conversationId, { cursor, limit: 100 }));
}
