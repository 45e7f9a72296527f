import { Injectable } from '@nestjs/common';
import type { DiagnosticsEntry, Driver, Session, SessionState } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { Database, Prisma, type Transaction } from '#db';
import { Credentials } from './credentials.js';

interface SessionRow {
  readonly id: string;
  readonly name: Uint8Array;
  readonly driver: Driver;
  readonly state: SessionState;
  readonly credentials: Uint8Array | null;
  readonly created_at: Date;
}

/** A session as it is made. The route hashes are how a webhook finds it before its organisation is known. */
export interface NewSession {
  readonly id: string;
  readonly name: string;
  readonly driver: Driver;
  readonly state: SessionState;
  readonly credentials: Credentials | null;
  readonly routeHash: Uint8Array | null;
  readonly verifyTokenHash: Uint8Array | null;
}

const columns = Prisma.sql`id::text, name, driver, state, credentials, created_at`;

/** Sessions, their diagnostics, and the look-ups before an organisation is known. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Transaction, keys: OrganisationKeys, session: NewSession): Promise<void> {
    const { id, name, driver, state, credentials, routeHash, verifyTokenHash } = session;
    const sealed = credentials === null ? null : keys.seal(id, 'credentials', JSON.stringify(credentials));
    await tx.$executeRaw`
      insert into sessions (org_id, id, name, driver, state, credentials, route_hash, verify_token_hash)
      values (${keys.organisationId}::uuid, ${id}::uuid, ${keys.seal(id, 'name', name)}, ${driver}, ${state}, ${sealed}, ${routeHash}, ${verifyTokenHash})
      on conflict (org_id, id) do nothing`;
  }

  async byId(tx: Transaction, keys: OrganisationKeys, id: string): Promise<Session | undefined> {
    const [row] = await tx.$queryRaw<SessionRow[]>`
      select ${columns} from sessions where org_id = ${keys.organisationId}::uuid and id = ${id}::uuid`;
    return row && toSession(keys, row);
  }

  async delete(tx: Transaction, keys: OrganisationKeys, id: string): Promise<Session | undefined> {
    const [row] = await tx.$queryRaw<SessionRow[]>`
      delete from sessions where org_id = ${keys.organisationId}::uuid and id = ${id}::uuid returning ${columns}`;
    return row && toSession(keys, row);
  }

  /** A page, oldest first, one row more than asked when there is a next page. */
  async page(tx: Transaction, keys: OrganisationKeys, after: readonly [string, string] | undefined, limit: number): Promise<Session[]> {
    const position = after ? Prisma.sql`and (created_at, id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : Prisma.empty;
    const rows = await tx.$queryRaw<SessionRow[]>`
      select ${columns} from sessions where org_id = ${keys.organisationId}::uuid ${position} order by created_at, id limit ${limit + 1}`;
    return rows.map((row) => toSession(keys, row));
  }

  /** Sessions that a hash of something only their provider says leads to, of any organisation; at most eight. */
  byRoute(hash: Uint8Array): Promise<{ org_id: string; id: string; credentials: Uint8Array | null }[]> {
    return this.database.beforeOrganisation(
      (client) => client.$queryRaw`select org_id::text, id::text, credentials from lookup_sessions(${hash})`,
    );
  }

  async note(tx: Transaction, organisationId: string, sessionId: string, entries: readonly DiagnosticsEntry[]): Promise<void> {
    await tx.$executeRaw`
      insert into session_diagnostics (org_id, id, session_id, what, detail, at)
      select ${organisationId}::uuid, r.id, ${sessionId}::uuid, r.what, r.detail, r.at
      from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as r(id uuid, what text, detail text, at timestamptz)
      on conflict (org_id, id) do nothing`;
  }

  /** A page of diagnostics, newest first, one row more than asked when there is a next page. */
  async diagnostics(
    tx: Transaction,
    organisationId: string,
    sessionId: string,
    before: readonly [string, string] | undefined,
    limit: number,
  ): Promise<DiagnosticsEntry[]> {
    const position = before ? Prisma.sql`and (at, id) < (${before[0]}::timestamptz, ${before[1]}::uuid)` : Prisma.empty;
    const rows = await tx.$queryRaw<{ id: string; what: string; detail: string; at: Date }[]>`
      select id::text, what, detail, at from session_diagnostics
      where org_id = ${organisationId}::uuid and session_id = ${sessionId}::uuid ${position} order by at desc, id desc limit ${limit + 1}`;
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}

function toSession(keys: OrganisationKeys, row: SessionRow): Session {
  const credentials = row.credentials === null ? null : Credentials.parse(JSON.parse(keys.open(row.id, 'credentials', row.credentials)));
  return {
    id: row.id,
    name: keys.open(row.id, 'name', row.name),
    driver: row.driver,
    state: row.state,
    phoneNumberId: credentials?.phoneNumberId ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
