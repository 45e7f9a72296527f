import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { MessageUpdated } from '#contracts';
import { Database } from '#db';
import { ackOf } from './ack.js';
import { type AckReport, MessageRepository } from './message.repository.js';
import { eachOrganisation } from './message.service.js';

/** Follows outbound messages on their way: sent, failed, delivered, read. */
@Injectable()
export class AckService {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly messages: MessageRepository,
  ) {}

  /** Applies reports in any order, any number of times; a report for a message not stored yet waits for it. */
  async apply<D>(batch: readonly Delivered<D>[], toReport: (data: D) => AckReport): Promise<void> {
    await eachOrganisation(batch, async (organisationId, deliveries) => {
      const reports = deliveries.map((delivery) => toReport(delivery.data));
      const acked = await this.database.withOrganisation(organisationId, async (tx) => {
        const farthest = await this.messages.reportAcks(tx, organisationId, reports);
        return this.messages.applyAcks(tx, organisationId, farthest);
      });
      const [cause] = deliveries;
      await Promise.all(
        acked.map(({ id, conversationId, sessionId, ack, failure }) =>
          this.bus.publish(
            MessageUpdated,
            { organisationId, id: `${id}:ack:${ack}`, ...(cause ? { cause } : {}) },
            { messageId: id, conversationId, sessionId, ack: ackOf(ack) ?? 'pending', reason: failure },
          ),
        ),
      );
    });
  }
}
