import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { MessageAcked, MessageFailed, type MessageSend, MessageSent } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { CloudDriver } from './cloud.driver.js';
import type { Driver, SendOutcome } from './driver.js';
import { SandboxDriver } from './sandbox.driver.js';
import { SendRepository } from './send.repository.js';
import { SessionRepository } from './session.repository.js';

const NO_SESSION: SendOutcome = { status: 'failed', reason: 'The session of this conversation no longer exists.' };
const NO_DRIVER: SendOutcome = { status: 'failed', reason: 'This kind of session cannot send.' };

/** Sends what agents write over the line of its session, once, and says what became of it. */
@Injectable()
export class SendService {
  readonly #drivers: ReadonlyMap<string, Driver>;

  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly sessions: SessionRepository,
    private readonly ledger: SendRepository,
    sandbox: SandboxDriver,
    cloud: CloudDriver,
  ) {
    this.#drivers = new Map([sandbox, cloud].map((driver) => [driver.name, driver]));
  }

  async send(delivery: Delivered<MessageSend>): Promise<void> {
    const { organisationId, data } = delivery;
    const known = await this.database.withOrganisation(organisationId, (tx) => this.ledger.begin(tx, organisationId, data));
    const outcome = known ?? (await this.#hand(organisationId, data));
    if (!known) {
      await this.database.withOrganisation(organisationId, (tx) => this.ledger.end(tx, organisationId, data.messageId, outcome));
    }
    await this.#tell(delivery, outcome);
  }

  async #hand(organisationId: string, send: MessageSend): Promise<SendOutcome> {
    const keys = await this.keyStore.of(organisationId);
    const session = await this.database.withOrganisation(organisationId, (tx) => this.sessions.byId(tx, keys, send.sessionId));
    if (!session) return NO_SESSION;
    const driver = this.#drivers.get(session.driver);
    return driver ? driver.send({ organisationId, sessionId: session.id }, send) : NO_DRIVER;
  }

  async #tell(delivery: Delivered<MessageSend>, outcome: SendOutcome): Promise<void> {
    const { organisationId, chat, data } = delivery;
    const { messageId, conversationId, sessionId, providerId } = data;
    const at = new Date(delivery.at).toISOString();
    const options = (kind: string) => ({ organisationId, id: `${sessionId}:${providerId}:${kind}`, chat, cause: delivery });
    if (outcome.status === 'failed') {
      const { reason } = outcome;
      await this.bus.publish(MessageFailed, options('failed'), { messageId, conversationId, sessionId, providerId, reason, at });
      return;
    }
    await this.bus.publish(MessageSent, options('sent'), { messageId, conversationId, sessionId, providerId, at });
    if (outcome.delivered) await this.bus.publish(MessageAcked, options('ack:delivered'), { sessionId, providerId, ack: 'delivered', at });
  }
}
