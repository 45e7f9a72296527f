import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { Database, DatabaseModule, judgeDatabase } from '#db';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { CloudDriver } from './cloud.driver.js';
import { env } from './env.js';
import { RouteService } from './route.service.js';
import { SandboxDriver } from './sandbox.driver.js';
import { SandboxRepository } from './sandbox.repository.js';
import { SandboxService } from './sandbox.service.js';
import { SendRepository } from './send.repository.js';
import { SendService } from './send.service.js';
import { SessionConsumer } from './session.consumer.js';
import { SessionQuestions } from './session.questions.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';

@Module({
  imports: [
    BusModule.connect('session', env.NATS_URL),
    DatabaseModule.connect('session', env.DATABASE_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
  ],
  controllers: [SessionConsumer, SessionQuestions],
  providers: [
    SessionService,
    SendService,
    RouteService,
    SandboxService,
    SandboxDriver,
    CloudDriver,
    SessionRepository,
    SendRepository,
    SandboxRepository,
    { provide: JUDGES, useValue: [judgeDatabase, judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus, database: Database) => [
        { name: 'session: nats', check: () => bus.connection.ping() },
        { name: 'session: postgres', check: () => database.ping() },
      ],
      inject: [Bus, Database],
    },
  ],
})
export class SessionModule {}
