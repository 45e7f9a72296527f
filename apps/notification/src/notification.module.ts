import { Module } from '@nestjs/common';
import { Bus } from '#bus';
import { BusModule, HEALTH_CHECKS, JUDGES } from '#server';
import { env } from './env.js';
import { NotificationConsumer } from './notification.consumer.js';
import { RealtimeService } from './realtime.service.js';

@Module({
  imports: [BusModule.connect('notification', env.NATS_URL)],
  controllers: [NotificationConsumer],
  providers: [
    RealtimeService,
    { provide: JUDGES, useValue: [] },
    {
      provide: HEALTH_CHECKS,
      useFactory: (bus: Bus) => [{ name: 'notification: nats', check: () => bus.connection.ping() }],
      inject: [Bus],
    },
  ],
})
export class NotificationModule {}
