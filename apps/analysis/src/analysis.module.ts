import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { Database, DatabaseModule, judgeDatabase } from '#db';
import { RedisModule } from '#redis';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { AnalysisConsumer } from './analysis.consumer.js';
import { AnalysisRepository } from './analysis.repository.js';
import { AnalysisService } from './analysis.service.js';
import { env } from './env.js';
import { InstantTier } from './instant/instant-tier.js';
import { RuleTier } from './instant/rule-tier.js';

@Module({
  imports: [
    BusModule.connect('analysis', env.NATS_URL),
    DatabaseModule.connect('analysis', env.DATABASE_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
    RedisModule.connect('analysis', env.REDIS_URL),
  ],
  controllers: [AnalysisConsumer],
  providers: [
    AnalysisService,
    AnalysisRepository,
    { provide: InstantTier, useClass: RuleTier },
    { provide: JUDGES, useValue: [judgeDatabase, judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus, database: Database) => [
        { name: 'analysis: nats', check: () => bus.connection.ping() },
        { name: 'analysis: postgres', check: () => database.ping() },
      ],
      inject: [Bus, Database],
    },
  ],
})
export class AnalysisModule {}
