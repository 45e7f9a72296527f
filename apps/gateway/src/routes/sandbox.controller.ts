import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Bus } from '#bus';
import {
  Id,
  MessageReceived,
  pageOf,
  SandboxDeliveries,
  SandboxDelivery,
  SandboxListQuery,
  SandboxMessageBody,
  SessionById,
} from '#contracts';
import { fingerprint } from '#crypto';
import { reached, refuse } from '#server';
import { Allow } from '../auth/access.js';
import { CurrentMember, type Member } from '../auth/caller.js';
import { CommandDesk } from '../command-desk.js';
import { plausibleTime, toReceived } from '../received.js';

const NO_SANDBOX = () => refuse(404, 'There is no such sandbox session.');

@ApiTags('sandbox')
@ApiBearerAuth()
@Controller('v1/sandbox')
export class SandboxController {
  constructor(
    private readonly bus: Bus,
    private readonly desk: CommandDesk,
  ) {}

  @Post(':sessionId/messages')
  @Allow('sandbox')
  @HttpCode(202)
  @ApiOperation({ summary: 'Write as a customer of a sandbox session' })
  @ApiResponse({ status: 202, standardSchema: z.object({ messageId: Id }) })
  async write(
    @CurrentMember() member: Member,
    @Param('sessionId', { schema: Id }) sessionId: string,
    @Body({ schema: SandboxMessageBody }) body: SandboxMessageBody,
    @Req() request: FastifyRequest,
  ): Promise<{ messageId: string }> {
    const { keys, newId, cause } = await this.desk.open(member, request);
    const session = await this.bus.ask(SessionById, member.organisationId, { sessionId });
    if (session?.driver !== 'sandbox') throw NO_SANDBOX();
    const { options, data } = toReceived(keys, sessionId, {
      driver: 'sandbox',
      providerId: `SBX${fingerprint(newId('sandbox-message')).slice(0, 20).toUpperCase()}`,
      from: { kind: 'phone', value: body.from },
      alsoKnownAs: [],
      name: body.name ?? null,
      type: 'text',
      providerType: null,
      text: body.text,
      ...plausibleTime(cause.since, cause.since),
      quotedProviderId: null,
    });
    await this.bus.publish(MessageReceived, { ...options, cause }, data);
    reached('received', cause.since);
    return { messageId: data.messageId };
  }

  @Get(':sessionId/messages')
  @Allow('sandbox')
  @ApiOperation({ summary: 'What the customers of a sandbox session received, oldest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(SandboxDelivery) })
  async received(
    @CurrentMember() member: Member,
    @Param('sessionId', { schema: Id }) sessionId: string,
    @Query({ schema: SandboxListQuery }) query: z.output<typeof SandboxListQuery>,
  ) {
    const page = await this.bus.ask(SandboxDeliveries, member.organisationId, { sessionId, ...query });
    if (!page) throw NO_SANDBOX();
    return page;
  }
}
