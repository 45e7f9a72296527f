import { Injectable } from '@nestjs/common';
import type { Delivered } from '#bus';
import {
  type ApiClientCreate,
  type CommandResult,
  type Idempotency,
  INSTALLATION,
  type Organisation,
  type OrganisationCreate,
  ORGANISATION_SCOPES,
  type Page,
  type PageQuery,
  type Scope,
} from '#contracts';
import { KeyStore, type OrganisationKeys } from '#crypto';
import { CommandAnswers, Database, type Transaction } from '#db';
import { KEY_CONFLICT, pageOfRows, refused, timeCursor } from '#server';
import { hashClientSecret, newClientSecret } from './issuer/issuer-client.js';
import { newPassword, PasswordService } from './issuer/password.js';
import { UserRepository } from './user.repository.js';

const EMAIL_TAKEN = refused(409, 'Somebody of this installation has this e-mail already. Use another one.');

/** Makes organisations and their API clients. */
@Injectable()
export class OrganisationService {
  constructor(
    private readonly database: Database,
    private readonly answers: CommandAnswers,
    private readonly keyStore: KeyStore,
    private readonly passwords: PasswordService,
    private readonly users: UserRepository,
  ) {}

  /** Makes an organisation with its key, its first API client and, when named, its first administrator. The secrets are in this answer only. */
  async create(delivery: Delivered<OrganisationCreate>): Promise<CommandResult> {
    const { organisationId, name, administrator } = delivery.data;
    const installation = await this.keyStore.create(INSTALLATION);
    const keys = await this.keyStore.create(organisationId);
    const password = administrator ? newPassword() : null;
    const passwordHash = password === null ? '' : await this.passwords.hashPassword(password);
    const apiClient = { clientId: keys.id('first-client'), clientSecret: newClientSecret(), scopes: [...ORGANISATION_SCOPES] };
    return this.answers
      .carryOut<CommandResult>(installation, delivery.idempotency, KEY_CONFLICT, async (tx) => {
        const organisation = await this.users.insertOrganisation(tx, installation, organisationId, name);
        // the register's row is the installation's, everything else the new organisation's own
        await this.users.enter(tx, organisationId);
        await this.#insertClient(tx, keys, apiClient, `${name} (first client)`);
        if (administrator) {
          const user = { id: keys.id('first-administrator'), ...administrator, passwordHash, role: 'owner' as const };
          const emailHash = installation.hash('email', administrator.email.toLowerCase());
          if (!(await this.users.insertUser(tx, keys, { ...user, emailHash }))) throw new EmailTaken();
        }
        await this.users.enter(tx, INSTALLATION);
        const told = administrator && password !== null ? { email: administrator.email, password } : null;
        return { status: 'done', answer: { organisation, apiClient, administrator: told } };
      })
      .catch((error: unknown) => {
        if (error instanceof EmailTaken) return EMAIL_TAKEN;
        throw error;
      });
  }

  async createClient(delivery: Delivered<ApiClientCreate>): Promise<CommandResult> {
    const { clientId, name, scopes } = delivery.data;
    const keys = await this.keyStore.of(delivery.organisationId);
    const apiClient = { clientId, clientSecret: newClientSecret(), scopes };
    return this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      await this.#insertClient(tx, keys, apiClient, name);
      return { status: 'done', answer: apiClient };
    });
  }

  async list(page: PageQuery): Promise<Page<Organisation>> {
    const installation = await this.keyStore.of(INSTALLATION);
    const after = timeCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(INSTALLATION, (tx) => this.users.organisations(tx, installation, after, page.limit));
    return pageOfRows(rows, page.limit, timeCursor, (organisation) => [organisation.createdAt, organisation.id]);
  }

  async recordedAnswer(organisationId: string, asked: Idempotency): Promise<CommandResult | null> {
    return this.answers.recorded(await this.keyStore.of(organisationId), asked, KEY_CONFLICT);
  }

  #insertClient(
    tx: Transaction,
    keys: OrganisationKeys,
    client: { clientId: string; clientSecret: string; scopes: Scope[] },
    name: string,
  ) {
    const { clientId, clientSecret, scopes } = client;
    return this.users.insertClient(tx, keys, { id: clientId, name, secretHash: hashClientSecret(clientSecret), scopes });
  }
}

/** Rolls the organisation back: nothing is kept of one whose administrator cannot be made. */
class EmailTaken extends Error {
  override readonly name = 'EmailTaken';
}
