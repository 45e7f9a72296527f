import { createServer, type Server } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { z } from 'zod';
import { INSTALLATION } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { createIssuer } from './issuer/issuer.js';
import { type IssuerClient, secretMatches } from './issuer/issuer-client.js';
import { newSigningKey, SigningKey } from './issuer/signing-key.js';
import { UserRepository } from './user.repository.js';

/** Where the issuer listens and what it says of itself. */
export interface IssuerSettings {
  readonly publicUrl: string;
  readonly audience: string;
  readonly port: number;
  readonly host: string;
}
export const ISSUER_SETTINGS = Symbol('issuer settings');

const ACCESS_TOKEN_SECONDS = 600;

/** The OAuth issuer on its private port; the gateway passes `/oauth` and `/.well-known` on to it. */
@Injectable()
export class IssuerServer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(IssuerServer.name);
  #server: Server | undefined;

  constructor(
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly users: UserRepository,
    @Inject(ISSUER_SETTINGS) private readonly settings: IssuerSettings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { publicUrl, audience, port, host } = this.settings;
    const issuer = createIssuer({
      issuer: new URL(publicUrl).origin,
      audience,
      keys: await this.#signingKeys(),
      findClient: (id) => this.#findClient(id),
      verifySecret: (client, presented) => secretMatches(presented, client.secretHash),
      accessTokenSeconds: ACCESS_TOKEN_SECONDS,
      log: (level, message, detail) => this.#log[level === 'info' ? 'log' : level]({ msg: message, ...detail }),
    });
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, issuer.handler);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.#server = server;
  }

  onApplicationShutdown(): void {
    this.#server?.close();
    this.#server?.closeIdleConnections();
  }

  async #signingKeys(): Promise<SigningKey[]> {
    const installation = await this.keyStore.create(INSTALLATION);
    return this.database.withOrganisation(INSTALLATION, async (tx) => {
      const stored = await this.users.signingKeys(tx, installation);
      if (stored.length > 0) return stored.map((text) => SigningKey.parse(JSON.parse(text)));
      const made = await newSigningKey();
      await this.users.insertSigningKey(tx, installation, made.kid, JSON.stringify(made));
      return [made];
    });
  }

  async #findClient(id: string): Promise<IssuerClient | null> {
    if (!z.uuid().safeParse(id).success) return null;
    const found = await this.users.findClient(id);
    if (!found) return null;
    const organisationId = found.org_id === INSTALLATION ? null : found.org_id;
    return { clientId: found.id, organisationId, scopes: found.scopes, name: found.id, role: null, secretHash: found.secret_hash };
  }
}
