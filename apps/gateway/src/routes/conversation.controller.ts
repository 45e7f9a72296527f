import { Body, Controller, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Bus } from '#bus';
import {
  Analysis,
  AnalysisOfMessage,
  Conversation,
  ConversationById,
  ConversationList,
  ConversationListQuery,
  ConversationRead,
  ConversationRoute,
  ConversationUpdate,
  Id,
  ListQuery,
  Message,
  MessageList,
  MessageSend,
  pageOf,
  SendMessageBody,
  UpdateConversationBody,
} from '#contracts';
import { fingerprint } from '#crypto';
import { refuse } from '#server';
import { Allow } from '../auth/access.js';
import { CurrentMember, type Member } from '../auth/caller.js';
import { CommandDesk } from '../command-desk.js';

const NO_CONVERSATION = () => refuse(404, 'There is no such conversation.');

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('v1')
export class ConversationController {
  constructor(
    private readonly bus: Bus,
    private readonly desk: CommandDesk,
  ) {}

  @Get('conversations')
  @Allow('conversations:read')
  @ApiOperation({ summary: 'The inbox: conversations, last message first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Conversation) })
  list(@CurrentMember() member: Member, @Query({ schema: ConversationListQuery }) query: z.output<typeof ConversationListQuery>) {
    return this.bus.ask(ConversationList, member.organisationId, query);
  }

  @Get('conversations/:id')
  @Allow('conversations:read')
  @ApiOperation({ summary: 'Show a conversation' })
  @ApiResponse({ status: 200, standardSchema: Conversation })
  async show(@CurrentMember() member: Member, @Param('id', { schema: Id }) id: string) {
    const conversation = await this.bus.ask(ConversationById, member.organisationId, { conversationId: id });
    if (!conversation) throw NO_CONVERSATION();
    return conversation;
  }

  @Patch('conversations/:id')
  @Allow('conversations:write')
  @ApiOperation({ summary: 'Change status or assignee' })
  @ApiResponse({ status: 200, standardSchema: Conversation })
  async update(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: UpdateConversationBody }) body: z.output<typeof UpdateConversationBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const told = { status: 200, location: `/v1/conversations/${id}` } as const;
    return this.desk.carryOut(wish, ConversationUpdate, { conversationId: id, ...body }, told, reply);
  }

  @Post('conversations/:id/read')
  @Allow('conversations:write')
  @ApiOperation({ summary: 'Mark as read' })
  @ApiResponse({ status: 200, standardSchema: Conversation })
  async read(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const told = { status: 200, location: `/v1/conversations/${id}` } as const;
    return this.desk.carryOut(wish, ConversationRead, { conversationId: id }, told, reply);
  }

  @Get('conversations/:id/messages')
  @Allow('conversations:read')
  @ApiOperation({ summary: 'The thread, newest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Message) })
  async thread(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Query({ schema: ListQuery }) query: z.output<typeof ListQuery>,
  ) {
    const page = await this.bus.ask(MessageList, member.organisationId, { conversationId: id, ...query });
    if (!page) throw NO_CONVERSATION();
    return page;
  }

  @Post('conversations/:id/messages')
  @Allow('conversations:write')
  @ApiOperation({ summary: 'Reply to the customer; send an Idempotency-Key, and a repeated request sends nothing twice' })
  @ApiResponse({ status: 201, standardSchema: Message })
  async send(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: SendMessageBody }) body: z.output<typeof SendMessageBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const route = await this.bus.ask(ConversationRoute, member.organisationId, { conversationId: id });
    if (!route) throw NO_CONVERSATION();
    const messageId = wish.newId('message');
    // the form of a WhatsApp client's own ids, chosen here so that every try of this send carries the same one
    const providerId = `3EB0${fingerprint(messageId).slice(0, 18).toUpperCase()}`;
    const chat = wish.keys.chatToken(route.to.kind, route.to.value);
    const data = { messageId, conversationId: id, ...route, providerId, text: body.text };
    return this.desk.carryOut(wish, MessageSend, data, { status: 201, location: `/v1/conversations/${id}/messages`, chat }, reply);
  }

  @Get('messages/:id/analysis')
  @Allow('conversations:read')
  @ApiOperation({ summary: 'What was understood of a message, newest first' })
  @ApiResponse({ status: 200, standardSchema: z.array(Analysis) })
  analysis(@CurrentMember() member: Member, @Param('id', { schema: Id }) id: string) {
    return this.bus.ask(AnalysisOfMessage, member.organisationId, { messageId: id });
  }
}
