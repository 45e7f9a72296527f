import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { Database, DatabaseModule, judgeDatabase } from '#db';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { env } from './env.js';
import { FIRST_START_SETTINGS, type FirstStartSettings, FirstStartService } from './first-start.service.js';
import { ISSUER_SETTINGS, IssuerServer, type IssuerSettings } from './issuer-server.js';
import { PasswordService } from './issuer/password.js';
import { OrganisationService } from './organisation.service.js';
import { UserConsumer } from './user.consumer.js';
import { UserRepository } from './user.repository.js';

export { FirstStartService } from './first-start.service.js';

const issuer: IssuerSettings = { publicUrl: env.PUBLIC_URL, audience: env.TOKEN_AUDIENCE, port: env.ISSUER_PORT, host: env.ISSUER_HOST };
const firstStart: FirstStartSettings = { publicUrl: new URL(env.PUBLIC_URL).origin, credentialsFile: env.CREDENTIALS_FILE };

@Module({
  imports: [
    BusModule.connect('user', env.NATS_URL),
    DatabaseModule.connect('user', env.DATABASE_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
  ],
  controllers: [UserConsumer],
  providers: [
    { provide: ISSUER_SETTINGS, useValue: issuer },
    { provide: FIRST_START_SETTINGS, useValue: firstStart },
    { provide: PasswordService, useFactory: () => new PasswordService() },
    OrganisationService,
    UserRepository,
    FirstStartService,
    IssuerServer,
    { provide: JUDGES, useValue: [judgeDatabase, judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus, database: Database) => [
        { name: 'user: nats', check: () => bus.connection.ping() },
        { name: 'user: postgres', check: () => database.ping() },
      ],
      inject: [Bus, Database],
    },
  ],
})
export class UserModule {}
