import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { Database, DatabaseModule, judgeDatabase } from '#db';
import { RedisModule } from '#redis';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { ConfigConsumer } from './config.consumer.js';
import { env } from './env.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';

@Module({
  imports: [
    BusModule.connect('config', env.NATS_URL),
    DatabaseModule.connect('config', env.DATABASE_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
    RedisModule.connect('config', env.REDIS_URL),
  ],
  controllers: [ConfigConsumer],
  providers: [
    SettingsService,
    SettingsRepository,
    { provide: JUDGES, useValue: [judgeDatabase, judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus, database: Database) => [
        { name: 'config: nats', check: () => bus.connection.ping() },
        { name: 'config: postgres', check: () => database.ping() },
      ],
      inject: [Bus, Database],
    },
  ],
})
export class ConfigModule {}
