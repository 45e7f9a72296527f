import fastifyHttpProxy from '@fastify/http-proxy';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { RedisModule } from '#redis';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { AccessGuard } from './auth/access.guard.js';
import { TokenVerifier } from './auth/token.verifier.js';
import { CloudController } from './cloud/cloud.controller.js';
import { CloudService } from './cloud/cloud.service.js';
import { RouteCache } from './cloud/route.cache.js';
import { CommandDesk } from './command-desk.js';
import { serveDocumentation } from './documentation.js';
import { env } from './env.js';
import { RealtimeController } from './realtime/realtime.controller.js';
import { RealtimeHub } from './realtime/realtime.hub.js';
import { RealtimeServer } from './realtime/realtime.server.js';
import { TicketService } from './realtime/ticket.service.js';
import { ConversationController } from './routes/conversation.controller.js';
import { HealthController } from './routes/health.controller.js';
import { OrganisationController } from './routes/organisation.controller.js';
import { SandboxController } from './routes/sandbox.controller.js';
import { SessionController } from './routes/session.controller.js';
import { GATEWAY_SETTINGS, type GatewaySettings } from './settings.js';

const settings: GatewaySettings = { publicUrl: env.PUBLIC_URL, issuerUrl: env.ISSUER_URL, audience: env.TOKEN_AUDIENCE };

@Module({
  imports: [
    BusModule.connect('gateway', env.NATS_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
    RedisModule.connect('gateway', env.REDIS_URL),
  ],
  controllers: [
    CloudController,
    ConversationController,
    HealthController,
    OrganisationController,
    RealtimeController,
    SandboxController,
    SessionController,
  ],
  providers: [
    { provide: GATEWAY_SETTINGS, useValue: settings },
    { provide: APP_GUARD, useClass: AccessGuard },
    TokenVerifier,
    CommandDesk,
    CloudService,
    RouteCache,
    TicketService,
    RealtimeHub,
    RealtimeServer,
    { provide: JUDGES, useValue: [judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus) => [
        { name: 'gateway: nats', check: () => bus.connection.ping() },
        { name: 'gateway: issuer', check: () => reach(new URL('/oauth/jwks', settings.issuerUrl)) },
      ],
      inject: [Bus],
    },
  ],
})
export class GatewayModule {
  /** What a gateway has beside its controllers: the way to the issuer, the documentation, the sockets. */
  static async prepare(nest: NestFastifyApplication): Promise<void> {
    const fastify = nest.getHttpAdapter().getInstance();
    for (const prefix of ['/oauth', '/.well-known']) {
      await nest.register(fastifyHttpProxy, {
        upstream: settings.issuerUrl,
        prefix,
        rewritePrefix: prefix,
        http: { requestOptions: { timeout: 5_000 } },
      });
    }
    serveDocumentation(nest, new URL(settings.publicUrl).origin);
    nest.get(RealtimeServer).attach(fastify.server);
  }
}

async function reach(url: URL): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_500) });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
}
