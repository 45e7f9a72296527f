import { Controller } from '@nestjs/common';
import { type Delivered, OnBatch } from '#bus';
import { ConversationChanged, MessageAnalysed, MessageStored, MessageUpdated, SessionChanged } from '#contracts';
import { RealtimeService } from './realtime.service.js';
import { toMessageCreated } from './to-realtime.js';

@Controller()
export class NotificationConsumer {
  constructor(private readonly realtime: RealtimeService) {}

  @OnBatch(MessageStored)
  stored(batch: readonly Delivered<MessageStored>[]): Promise<void> {
    return this.realtime.tell(batch, 'message.created', toMessageCreated);
  }

  @OnBatch(MessageAnalysed)
  analysed(batch: readonly Delivered<MessageAnalysed>[]): Promise<void> {
    return this.realtime.tell(batch, 'message.analysed', (data) => data);
  }

  @OnBatch(MessageUpdated)
  updated(batch: readonly Delivered<MessageUpdated>[]): Promise<void> {
    return this.realtime.tell(batch, 'message.updated', (data) => data);
  }

  @OnBatch(ConversationChanged)
  changed(batch: readonly Delivered<ConversationChanged>[]): Promise<void> {
    return this.realtime.tell(batch, 'conversation.updated', (data) => data);
  }

  @OnBatch(SessionChanged)
  session(batch: readonly Delivered<SessionChanged>[]): Promise<void> {
    return this.realtime.tell(batch, 'session.updated', (data) => data);
  }
}
