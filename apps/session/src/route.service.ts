import { Injectable } from '@nestjs/common';
import { INSTALLATION } from '#contracts';
import { KeyStore } from '#crypto';
import { Credentials } from './credentials.js';
import { SessionRepository } from './session.repository.js';

interface CloudRoute {
  readonly organisationId: string;
  readonly sessionId: string;
  readonly appSecret: string;
}

/** Finds whose a webhook is, before an organisation is known. */
@Injectable()
export class RouteService {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly sessions: SessionRepository,
  ) {}

  /** Every session that claims this Meta phone number; the signature tells which claim is true. */
  async cloudRoutes(phoneNumberId: string): Promise<CloudRoute[]> {
    const installation = await this.keyStore.of(INSTALLATION);
    const rows = await this.sessions.byRoute(installation.hash('cloud-phone-number-id', phoneNumberId));
    const routes: CloudRoute[] = [];
    for (const row of rows) {
      if (row.credentials === null) continue;
      const keys = await this.keyStore.of(row.org_id);
      const { appSecret } = Credentials.parse(JSON.parse(keys.open(row.id, 'credentials', row.credentials)));
      routes.push({ organisationId: row.org_id, sessionId: row.id, appSecret });
    }
    return routes;
  }

  async isVerifyToken(token: string): Promise<boolean> {
    const installation = await this.keyStore.of(INSTALLATION);
    return (await this.sessions.byRoute(installation.hash('cloud-verify-token', token))).length > 0;
  }
}
