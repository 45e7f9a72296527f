import { Injectable } from '@nestjs/common';
import type { Page, SandboxDeliveries, SandboxDelivery } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { pageOfRows, timeCursor } from '#server';
import { SandboxRepository } from './sandbox.repository.js';
import { SessionRepository } from './session.repository.js';

/** Shows what the customers of a sandbox session received. */
@Injectable()
export class SandboxService {
  constructor(
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly sessions: SessionRepository,
    private readonly deliveries: SandboxRepository,
  ) {}

  /** A page, oldest first; null when there is no such sandbox session. */
  async received(organisationId: string, asked: SandboxDeliveries): Promise<Page<SandboxDelivery> | null> {
    const keys = await this.keyStore.of(organisationId);
    const { sessionId, to, limit } = asked;
    const after = timeCursor.decode(asked.cursor);
    const rows = await this.database.withOrganisation(organisationId, async (tx) => {
      const session = await this.sessions.byId(tx, keys, sessionId);
      return session?.driver === 'sandbox' ? this.deliveries.page(tx, keys, sessionId, { to, after, limit }) : null;
    });
    return rows && pageOfRows(rows, limit, timeCursor, (delivery) => [delivery.at, delivery.id]);
  }
}
