import { Controller } from '@nestjs/common';
import { Carries, type Delivered, OnBatch } from '#bus';
import {
  type CommandResult,
  ConversationRead,
  ConversationUpdate,
  MessageAcked,
  MessageAnalysed,
  MessageFailed,
  MessageReceived,
  MessageSend,
  MessageSent,
} from '#contracts';
import { AckService } from './ack.service.js';
import { rankOf } from './ack.js';
import { CommandService } from './command.service.js';
import { ConversationService } from './conversation.service.js';
import { MessageService } from './message.service.js';

@Controller()
export class MessageConsumer {
  constructor(
    private readonly messages: MessageService,
    private readonly acks: AckService,
    private readonly commands: CommandService,
    private readonly conversations: ConversationService,
  ) {}

  @OnBatch(MessageReceived)
  store(batch: readonly Delivered<MessageReceived>[]): Promise<void> {
    return this.messages.storeReceived(batch);
  }

  @Carries(MessageSend)
  send(delivery: Delivered<MessageSend>): Promise<CommandResult> {
    return this.commands.send(delivery);
  }

  @Carries(ConversationUpdate)
  update(delivery: Delivered<ConversationUpdate>): Promise<CommandResult> {
    return this.commands.change(delivery, { status: delivery.data.status, userId: delivery.data.userId });
  }

  @Carries(ConversationRead)
  read(delivery: Delivered<ConversationRead>): Promise<CommandResult> {
    return this.commands.change(delivery, { read: true });
  }

  @OnBatch(MessageSent)
  sent(batch: readonly Delivered<MessageSent>[]): Promise<void> {
    return this.acks.apply(batch, ({ sessionId, providerId }) => ({ sessionId, providerId, ack: rankOf('sent'), failure: null }));
  }

  @OnBatch(MessageFailed)
  failed(batch: readonly Delivered<MessageFailed>[]): Promise<void> {
    return this.acks.apply(batch, ({ sessionId, providerId, reason }) => ({
      sessionId,
      providerId,
      ack: rankOf('failed'),
      failure: reason,
    }));
  }

  @OnBatch(MessageAcked)
  acked(batch: readonly Delivered<MessageAcked>[]): Promise<void> {
    return this.acks.apply(batch, ({ sessionId, providerId, ack }) => ({ sessionId, providerId, ack: rankOf(ack), failure: null }));
  }

  // for lists only: no screen waits for it
  @OnBatch(MessageAnalysed, { gatherMs: 50 })
  analysed(batch: readonly Delivered<MessageAnalysed>[]): Promise<void> {
    return this.conversations.noteAnalyses(batch);
  }
}
