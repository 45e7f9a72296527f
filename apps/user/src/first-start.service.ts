import { readFile } from 'node:fs/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { INSTALLATION, ORGANISATION_SCOPES } from '#contracts';
import { KeyStore, writeOnce } from '#crypto';
import { Database } from '#db';
import { hashClientSecret, newClientSecret } from './issuer/issuer-client.js';
import { newPassword, PasswordService } from './issuer/password.js';
import { UserRepository } from './user.repository.js';

/** Where the operator's credentials are left, and under which address they are used. */
export interface FirstStartSettings {
  readonly publicUrl: string;
  readonly credentialsFile: string | undefined;
}
export const FIRST_START_SETTINGS = Symbol('first start settings');

const Client = z.object({ client_id: z.uuid(), client_secret: z.string().min(32) });
const Credentials = z.object({ ...Client.shape, organisation: Client.extend({ id: z.uuid(), name: z.string() }) });
type Credentials = z.infer<typeof Credentials>;

/** What the person at the terminal is told, once. */
export interface FirstAdministrator {
  readonly email: string;
  readonly password: string;
}

const FIRST_ORGANISATION = 'My company';
const FIRST_EMAIL = 'admin@alra.local';

/**
 * On an empty database: the operator's API client, a first organisation with its own client, and its administrator.
 * The secrets are on disk before their hashes are in the database, so a crash in between locks nobody out.
 */
@Injectable()
export class FirstStartService implements OnApplicationBootstrap {
  readonly #log = new Logger(FirstStartService.name);
  /** set when this start was the first */
  administrator: FirstAdministrator | undefined;

  constructor(
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly passwords: PasswordService,
    private readonly users: UserRepository,
    @Inject(FIRST_START_SETTINGS) private readonly settings: FirstStartSettings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const installation = await this.keyStore.create(INSTALLATION);
    const operatorId = installation.id('operator-client');
    const known = await this.database.withOrganisation(INSTALLATION, (tx) => this.users.hasClient(tx, INSTALLATION, operatorId));
    if (known) return;
    const file = this.settings.credentialsFile;
    if (file === undefined) {
      this.#log.warn('no operator yet: set CREDENTIALS_FILE for one start to have the first API clients made');
      return;
    }
    const organisationId = installation.id('first-organisation');
    const credentials = await this.#credentials(file, operatorId, organisationId);
    await this.#makeOrganisation(credentials);
    await this.database.withOrganisation(INSTALLATION, async (tx) => {
      const secretHash = hashClientSecret(credentials.client_secret);
      await this.users.insertClient(tx, installation, { id: operatorId, name: 'Operator', secretHash, scopes: ['operator'] });
    });
  }

  async #credentials(file: string, operatorId: string, organisationId: string): Promise<Credentials> {
    const keys = await this.keyStore.create(organisationId);
    const own = { id: organisationId, name: FIRST_ORGANISATION, client_id: keys.id('first-client'), client_secret: newClientSecret() };
    const made: Credentials = { client_id: operatorId, client_secret: newClientSecret(), organisation: own };
    const { publicUrl } = this.settings;
    const shown = { url: publicUrl, token_endpoint: `${publicUrl}/oauth/token`, ...made };
    await writeOnce(file, `${JSON.stringify(shown, null, 2)}\n`);
    return Credentials.parse(JSON.parse(await readFile(file, 'utf8')));
  }

  async #makeOrganisation({ organisation }: Credentials): Promise<void> {
    const installation = await this.keyStore.of(INSTALLATION);
    const keys = await this.keyStore.of(organisation.id);
    // made from the key: told again, and the same, when an earlier first start broke off before it could tell
    const password = newPassword(keys.hash('first-password', FIRST_EMAIL).subarray(0, 20));
    const passwordHash = await this.passwords.hashPassword(password);
    await this.database.withOrganisation(INSTALLATION, (tx) =>
      this.users.insertOrganisation(tx, installation, organisation.id, organisation.name),
    );
    await this.database.withOrganisation(organisation.id, async (tx) => {
      const secretHash = hashClientSecret(organisation.client_secret);
      const client = { id: organisation.client_id, name: 'First client', secretHash, scopes: ORGANISATION_SCOPES };
      await this.users.insertClient(tx, keys, client);
      const emailHash = installation.hash('email', FIRST_EMAIL);
      const id = keys.id('first-administrator');
      const user = { id, username: 'admin', email: FIRST_EMAIL, emailHash, passwordHash, role: 'owner' as const };
      await this.users.insertUser(tx, keys, user);
    });
    this.administrator = { email: FIRST_EMAIL, password };
  }
}
