import { Injectable } from '@nestjs/common';
import { INSTALLATION, type Organisation, type Role } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { Database, Prisma, type Transaction } from '#db';

export interface NewClient {
  readonly id: string;
  readonly name: string;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly string[];
}

export interface NewUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly emailHash: Uint8Array;
  readonly passwordHash: string;
  readonly role: Role;
}

export interface FoundClient {
  readonly org_id: string;
  readonly id: string;
  readonly secret_hash: Uint8Array;
  readonly scopes: string[];
}

/** Organisations, people, API clients and signing keys. */
@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  /** Makes the rest of the transaction another organisation's; only the making of an organisation spans two. */
  async enter(tx: Transaction, organisationId: string): Promise<void> {
    await tx.$executeRaw`select set_config('app.org', ${organisationId}, true)`;
  }

  /** Registers an organisation; `tx` and `installation` are the installation's. */
  async insertOrganisation(tx: Transaction, installation: OrganisationKeys, id: string, name: string): Promise<Organisation> {
    const [row] = await tx.$queryRaw<{ created_at: Date }[]>`
      insert into organisations (org_id, id, name) values (${INSTALLATION}::uuid, ${id}::uuid, ${installation.seal(id, 'name', name)})
      on conflict (org_id, id) do update set id = excluded.id returning created_at`;
    return { id, name, createdAt: (row?.created_at ?? new Date()).toISOString() };
  }

  /** A page, oldest first, one row more than asked when there is a next page. */
  async organisations(
    tx: Transaction,
    installation: OrganisationKeys,
    after: readonly [string, string] | undefined,
    limit: number,
  ): Promise<Organisation[]> {
    const position = after ? Prisma.sql`and (created_at, id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : Prisma.empty;
    const rows = await tx.$queryRaw<{ id: string; name: Uint8Array; created_at: Date }[]>`
      select id::text, name, created_at from organisations where org_id = ${INSTALLATION}::uuid ${position}
      order by created_at, id limit ${limit + 1}`;
    return rows.map((row) => ({ id: row.id, name: installation.open(row.id, 'name', row.name), createdAt: row.created_at.toISOString() }));
  }

  async insertClient(tx: Transaction, keys: OrganisationKeys, client: NewClient): Promise<void> {
    await tx.$executeRaw`
      insert into api_clients (org_id, id, name, secret_hash, scopes)
      values (${keys.organisationId}::uuid, ${client.id}::uuid, ${keys.seal(client.id, 'name', client.name)}, ${client.secretHash}, ${client.scopes})
      on conflict (org_id, id) do nothing`;
  }

  async hasClient(tx: Transaction, organisationId: string, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      select 1 as found from api_clients where org_id = ${organisationId}::uuid and id = ${id}::uuid`;
    return rows.length > 0;
  }

  /** An API client of any organisation, unless it was revoked. */
  async findClient(id: string): Promise<FoundClient | undefined> {
    const [row] = await this.database.beforeOrganisation<FoundClient[]>(
      (client) => client.$queryRaw`select org_id::text, id::text, secret_hash, scopes from lookup_api_client(${id}::uuid)`,
    );
    return row;
  }

  /** False when the e-mail belongs to somebody of this installation already. */
  async insertUser(tx: Transaction, keys: OrganisationKeys, user: NewUser): Promise<boolean> {
    const inserted = await tx.$executeRaw`
      insert into users (org_id, id, username, email, email_hash, password_hash, role)
      values (${keys.organisationId}::uuid, ${user.id}::uuid, ${keys.seal(user.id, 'username', user.username)},
              ${keys.seal(user.id, 'email', user.email)}, ${user.emailHash}, ${user.passwordHash}, ${user.role})
      on conflict do nothing`;
    return inserted > 0;
  }

  /** The signing keys, newest first. Locks them until the transaction ends, so that two first starts make one key. */
  async signingKeys(tx: Transaction, installation: OrganisationKeys): Promise<string[]> {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('alra signing keys'))`;
    const rows = await tx.$queryRaw<{ kid: string; jwk: Uint8Array }[]>`
      select kid, jwk from signing_keys where org_id = ${INSTALLATION}::uuid order by created_at desc, kid`;
    return rows.map((row) => installation.open(row.kid, 'jwk', row.jwk));
  }

  async insertSigningKey(tx: Transaction, installation: OrganisationKeys, kid: string, jwk: string): Promise<void> {
    await tx.$executeRaw`
      insert into signing_keys (org_id, kid, jwk) values (${INSTALLATION}::uuid, ${kid}, ${installation.seal(kid, 'jwk', jwk)})`;
  }
}
