import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { type CommandResult, Conversation, ConversationChanged, type Idempotency, Message, type MessageSend } from '#contracts';
import { KeyStore } from '#crypto';
import { CommandAnswers } from '#db';
import { KEY_CONFLICT, refused } from '#server';
import { ConversationRepository } from './conversation.repository.js';
import { toConversation } from './message.row.js';
import { MessageService } from './message.service.js';

type Change = Parameters<ConversationRepository['update']>[3];

const NO_CONVERSATION = refused(404, 'There is no such conversation.');

/** Carries out what agents and programs want of messages and conversations, each command at most once. */
@Injectable()
export class CommandService {
  constructor(
    private readonly bus: Bus,
    private readonly keyStore: KeyStore,
    private readonly answers: CommandAnswers,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageService,
  ) {}

  /** Stores an outbound message and says so; a repeated delivery says it again, for the crash may have been between commit and publish. */
  async send(delivery: Delivered<MessageSend>): Promise<CommandResult> {
    const { organisationId, data } = delivery;
    const keys = await this.keyStore.of(organisationId);
    const result = await this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      const row = await this.conversations.byId(tx, organisationId, data.conversationId);
      if (!row) return NO_CONVERSATION;
      return { status: 'done', answer: await this.messages.storeOutbound(tx, keys, delivery) };
    });
    if (result.status === 'done') await this.messages.tellOutbound(keys, delivery, Message.parse(result.answer));
    return result;
  }

  /** Changes a conversation and says so. */
  async change(delivery: Delivered<{ conversationId: string }>, change: Change): Promise<CommandResult> {
    const { organisationId, data } = delivery;
    const keys = await this.keyStore.of(organisationId);
    const result = await this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      const row = await this.conversations.update(tx, organisationId, data.conversationId, change);
      return row ? { status: 'done', answer: toConversation(keys, row) } : NO_CONVERSATION;
    });
    if (result.status === 'done') await this.#tellChanged(delivery, Conversation.parse(result.answer));
    return result;
  }

  /** The result kept for a command, or null. */
  async recordedAnswer(organisationId: string, asked: Idempotency): Promise<CommandResult | null> {
    return this.answers.recorded(await this.keyStore.of(organisationId), asked, KEY_CONFLICT);
  }

  async #tellChanged(delivery: Delivered<unknown>, conversation: Conversation): Promise<void> {
    const { id, status, userId, unread, lastIntent, lastSentiment, leadScore } = conversation;
    await this.bus.publish(
      ConversationChanged,
      { organisationId: delivery.organisationId, id: `${delivery.id}:changed`, cause: delivery },
      { conversationId: id, status, userId, unread, lastIntent, lastSentiment, leadScore },
    );
  }
}
