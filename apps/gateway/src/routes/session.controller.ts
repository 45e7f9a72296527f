import { Body, Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Bus } from '#bus';
import {
  CreateSessionBody,
  DiagnosticsEntry,
  Id,
  ListQuery,
  pageOf,
  Session,
  SessionById,
  SessionCreate,
  SessionDelete,
  SessionDiagnostics,
  SessionList,
} from '#contracts';
import { refuse } from '#server';
import { Allow } from '../auth/access.js';
import { CurrentMember, type Member } from '../auth/caller.js';
import { CommandDesk } from '../command-desk.js';

const NO_SESSION = () => refuse(404, 'There is no such session.');

@ApiTags('sessions')
@ApiBearerAuth()
@Controller('v1/sessions')
export class SessionController {
  constructor(
    private readonly bus: Bus,
    private readonly desk: CommandDesk,
  ) {}

  @Post()
  @Allow('sessions:write')
  @ApiOperation({ summary: 'Make a session: a WhatsApp line, or a sandbox without a phone' })
  @ApiResponse({ status: 201, standardSchema: Session })
  async create(
    @CurrentMember() member: Member,
    @Body({ schema: CreateSessionBody }) body: z.output<typeof CreateSessionBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const sessionId = wish.newId('session');
    const cloud =
      body.driver === 'cloud' ? { phoneNumberId: body.phoneNumberId, appSecret: body.appSecret, verifyToken: body.verifyToken } : null;
    const data = { sessionId, name: body.name, driver: body.driver, cloud };
    return this.desk.carryOut(wish, SessionCreate, data, { status: 201, location: `/v1/sessions/${sessionId}` }, reply);
  }

  @Get()
  @Allow('sessions:read')
  @ApiOperation({ summary: 'List the sessions, oldest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Session) })
  list(@CurrentMember() member: Member, @Query({ schema: ListQuery }) query: z.output<typeof ListQuery>) {
    return this.bus.ask(SessionList, member.organisationId, query);
  }

  @Get(':id')
  @Allow('sessions:read')
  @ApiOperation({ summary: 'Show a session' })
  @ApiResponse({ status: 200, standardSchema: Session })
  async show(@CurrentMember() member: Member, @Param('id', { schema: Id }) id: string) {
    const session = await this.bus.ask(SessionById, member.organisationId, { sessionId: id });
    if (!session) throw NO_SESSION();
    return session;
  }

  @Delete(':id')
  @Allow('sessions:write')
  @ApiOperation({ summary: 'Delete a session; its conversations stay' })
  @ApiResponse({ status: 200, standardSchema: Session })
  async delete(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    return this.desk.carryOut(wish, SessionDelete, { sessionId: id }, { status: 200, location: `/v1/sessions/${id}` }, reply);
  }

  @Get(':id/diagnostics')
  @Allow('sessions:read')
  @ApiOperation({ summary: 'What happened on the line, newest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(DiagnosticsEntry) })
  async diagnostics(
    @CurrentMember() member: Member,
    @Param('id', { schema: Id }) id: string,
    @Query({ schema: ListQuery }) query: z.output<typeof ListQuery>,
  ) {
    const page = await this.bus.ask(SessionDiagnostics, member.organisationId, { sessionId: id, ...query });
    if (!page) throw NO_SESSION();
    return page;
  }
}
