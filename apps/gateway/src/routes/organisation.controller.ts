import { Body, Controller, Get, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Bus } from '#bus';
import {
  ApiClientCreate,
  ApiClientSecret,
  CreateApiClientBody,
  CreateOrganisationBody,
  INSTALLATION,
  ListQuery,
  Organisation,
  ORGANISATION_SCOPES,
  OrganisationCreate,
  OrganisationList,
  OrganisationSettings,
  pageOf,
  SettingsOfOrganisation,
  SettingsUpdate,
} from '#contracts';
import { refuse } from '#server';
import { Allow } from '../auth/access.js';
import { type Caller, CurrentCaller, CurrentMember, type Member } from '../auth/caller.js';
import { CommandDesk } from '../command-desk.js';

@ApiTags('organisations')
@ApiBearerAuth()
@Controller('v1')
export class OrganisationController {
  constructor(
    private readonly bus: Bus,
    private readonly desk: CommandDesk,
  ) {}

  @Post('organisations')
  @Allow('operator')
  @ApiOperation({ summary: 'Make an organisation with its first API client; the secret is shown once' })
  @ApiResponse({ status: 201, standardSchema: OrganisationCreate.answer })
  async create(
    @CurrentCaller() caller: Caller,
    @Body({ schema: CreateOrganisationBody }) body: z.output<typeof CreateOrganisationBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(caller, request);
    const organisationId = wish.newId('organisation');
    const data = { organisationId, name: body.name, administrator: body.administrator ?? null };
    return this.desk.carryOut(wish, OrganisationCreate, data, { status: 201, location: '/v1/organisations' }, reply);
  }

  @Get('organisations')
  @Allow('operator')
  @ApiOperation({ summary: 'List the organisations, oldest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Organisation) })
  list(@Query({ schema: ListQuery }) query: z.output<typeof ListQuery>) {
    return this.bus.ask(OrganisationList, INSTALLATION, query);
  }

  @Post('api-clients')
  @Allow('clients:write')
  @ApiOperation({ summary: 'Make an API client of the organisation; the secret is shown once' })
  @ApiResponse({ status: 201, standardSchema: ApiClientSecret })
  async createClient(
    @CurrentMember() member: Member,
    @Body({ schema: CreateApiClientBody }) body: z.output<typeof CreateApiClientBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const scopes = body.scopes ?? ORGANISATION_SCOPES.filter((scope) => member.scopes.has(scope));
    const beyond = scopes.find((scope) => !member.scopes.has(scope));
    if (beyond) throw refuse(403, `A client cannot be given the scope "${beyond}", which your own token lacks.`);
    const data = { clientId: wish.newId('api-client'), name: body.name, scopes: [...scopes] };
    return this.desk.carryOut(wish, ApiClientCreate, data, { status: 201, location: '/v1/api-clients' }, reply);
  }

  @Get('settings/organisation')
  @Allow('settings:read')
  @ApiOperation({ summary: 'The settings of the organisation' })
  @ApiResponse({ status: 200, standardSchema: OrganisationSettings })
  settings(@CurrentMember() member: Member) {
    return this.bus.ask(SettingsOfOrganisation, member.organisationId, {});
  }

  @Put('settings/organisation')
  @Allow('settings:write')
  @ApiOperation({ summary: 'Replace the settings of the organisation; what is left out returns to its default' })
  @ApiResponse({ status: 200, standardSchema: OrganisationSettings })
  async updateSettings(
    @CurrentMember() member: Member,
    @Body({ schema: OrganisationSettings }) body: OrganisationSettings,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const wish = await this.desk.open(member, request);
    const data = { scope: 'organisation', subject: member.organisationId, value: body } as const;
    return this.desk.carryOut(wish, SettingsUpdate, data, { status: 200, location: '/v1/settings/organisation' }, reply);
  }
}
