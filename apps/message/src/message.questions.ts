import { Controller } from '@nestjs/common';
import { Answer, type Asked } from '#bus';
import {
  type CommandResult,
  type Conversation,
  ConversationById,
  ConversationList,
  ConversationRoute,
  type Idempotency,
  type Identity,
  type Message,
  MessageList,
  type Page,
  recordedAnswer,
} from '#contracts';
import { CommandService } from './command.service.js';
import { ConversationService } from './conversation.service.js';

@Controller()
export class MessageQuestions {
  constructor(
    private readonly conversations: ConversationService,
    private readonly commands: CommandService,
  ) {}

  @Answer(ConversationList)
  list({ organisationId, input }: Asked<ConversationList>): Promise<Page<Conversation>> {
    const { cursor, limit, ...filter } = input;
    return this.conversations.list(organisationId, filter, { cursor, limit });
  }

  @Answer(ConversationById)
  byId({ organisationId, input }: Asked<{ conversationId: string }>): Promise<Conversation | null> {
    return this.conversations.byId(organisationId, input.conversationId);
  }

  @Answer(MessageList)
  thread({ organisationId, input }: Asked<MessageList>): Promise<Page<Message> | null> {
    return this.conversations.thread(organisationId, input.conversationId, input);
  }

  @Answer(ConversationRoute)
  route({
    organisationId,
    input,
  }: Asked<{ conversationId: string }>): Promise<{ sessionId: string; contactId: string; to: Identity } | null> {
    return this.conversations.route(organisationId, input.conversationId);
  }

  @Answer(recordedAnswer('message'))
  recorded({ organisationId, input }: Asked<Idempotency>): Promise<CommandResult | null> {
    return this.commands.recordedAnswer(organisationId, input);
  }
}
