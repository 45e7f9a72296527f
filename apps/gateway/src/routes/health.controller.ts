import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { HEALTH_CHECKS, type HealthCheck, type Readiness, readiness } from '#server';
import { Public } from '../auth/access.js';

/** For load balancers: whether this gateway lives, and whether a request sent to it now can be served. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(@Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[]) {}

  @Get('healthz')
  @Public()
  alive(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const result = await readiness(this.checks);
    void reply.status(result.ready ? 200 : 503);
    return result;
  }
}
