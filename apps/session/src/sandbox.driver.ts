import { Injectable } from '@nestjs/common';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { Driver, type Line, type OutgoingText, type SendOutcome } from './driver.js';
import { SandboxRepository } from './sandbox.repository.js';

/** A line without a phone: what is sent lies in a table for the customer who is played by a developer. */
@Injectable()
export class SandboxDriver extends Driver {
  override readonly name = 'sandbox';

  constructor(
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly deliveries: SandboxRepository,
  ) {
    super();
  }

  override async send(line: Line, outgoing: OutgoingText): Promise<SendOutcome> {
    const keys = await this.keyStore.of(line.organisationId);
    await this.database.withOrganisation(line.organisationId, (tx) => this.deliveries.insert(tx, keys, line.sessionId, outgoing));
    return { status: 'sent', delivered: true };
  }
}
