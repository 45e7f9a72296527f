import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { judgeKeys, KeysModule } from '#crypto';
import { Database, DatabaseModule, judgeDatabase } from '#db';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { AckService } from './ack.service.js';
import { CommandService } from './command.service.js';
import { ContactRepository } from './contact.repository.js';
import { ConversationRepository } from './conversation.repository.js';
import { ConversationService } from './conversation.service.js';
import { env } from './env.js';
import { MessageConsumer } from './message.consumer.js';
import { MessageQuestions } from './message.questions.js';
import { MessageRepository } from './message.repository.js';
import { MessageService } from './message.service.js';

@Module({
  imports: [
    BusModule.connect('message', env.NATS_URL),
    DatabaseModule.connect('message', env.DATABASE_URL),
    KeysModule.open(env.KEYS_DIR, env.MASTER_KEY_FILE),
  ],
  controllers: [MessageConsumer, MessageQuestions],
  providers: [
    MessageService,
    AckService,
    CommandService,
    ConversationService,
    ContactRepository,
    MessageRepository,
    ConversationRepository,
    { provide: JUDGES, useValue: [judgeDatabase, judgeKeys] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus, database: Database) => [
        { name: 'message: nats', check: () => bus.connection.ping() },
        { name: 'message: postgres', check: () => database.ping() },
      ],
      inject: [Bus, Database],
    },
  ],
})
export class MessageModule {}
