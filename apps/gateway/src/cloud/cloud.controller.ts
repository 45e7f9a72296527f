import { Body, Controller, Get, HttpCode, Post, Query, type RawBodyRequest, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { refuse } from '#server';
import { Public } from '../auth/access.js';
import { CloudService } from './cloud.service.js';
import { CloudWebhook } from './payload.js';

const Challenge = z.object({
  'hub.mode': z.literal('subscribe'),
  'hub.verify_token': z.string().min(1).max(256),
  'hub.challenge': z.string().regex(/^[A-Za-z0-9_-]{1,256}$/),
});

const Accepted = z.object({ status: z.literal('accepted') });

@ApiTags('webhooks')
@Controller('v1/webhooks/cloud')
export class CloudController {
  constructor(private readonly cloud: CloudService) {}

  @Get()
  @Public()
  @ApiOperation({ summary: "Meta's check of the webhook's address" })
  @ApiResponse({ status: 200, content: { 'text/plain': { schema: { type: 'string' } } } })
  async challenge(@Query({ schema: Challenge }) query: z.output<typeof Challenge>, @Res({ passthrough: true }) reply: FastifyReply) {
    if (!(await this.cloud.knowsVerifyToken(query['hub.verify_token']))) throw refuse(403, 'No session was made with this verify token.');
    void reply.type('text/plain');
    return query['hub.challenge'];
  }

  /** 200 and nothing else: Meta repeats a webhook that is answered with any other status. */
  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'A webhook of the Cloud API, signed with the Meta app secret of its session' })
  @ApiResponse({ status: 200, standardSchema: Accepted })
  async take(
    @Body({ schema: CloudWebhook }) body: CloudWebhook,
    @Req() request: RawBodyRequest<FastifyRequest>,
  ): Promise<z.infer<typeof Accepted>> {
    if (!request.rawBody) throw refuse(415, 'Send JSON.');
    const header = request.headers['x-hub-signature-256'];
    const signature = typeof header === 'string' ? header : undefined;
    await this.cloud.take(body, { rawBody: request.rawBody, signature, trace: request.id, since: Date.now() });
    return { status: 'accepted' };
  }
}
