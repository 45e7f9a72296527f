import type pg from 'pg';
import { DatabaseNotPrepared, DatabaseUnreachable } from './errors.js';
import { roleNames, schemaGrants, withClient } from './roles.js';

export interface ExternalDatabase {
  /** What the apps connect with. */
  readonly appUrl: string;
  /** What migrations run with. */
  readonly ownerUrl: string;
}

interface Need {
  readonly statement: string;
  readonly check: string;
}

/** Makes the group roles in a database that is not ours, as far as they are missing; throws DatabaseNotPrepared when its owner may not. */
export async function prepareExternalDatabase({ appUrl, ownerUrl }: ExternalDatabase): Promise<void> {
  const login = await userOf('DATABASE_URL', appUrl);
  const owner = await userOf('DATABASE_OWNER_URL', ownerUrl);
  await withClient(ownerUrl, async (client) => {
    const needs = needsOf(client, login, owner);
    try {
      for (const need of needs) if (await isOpen(client, need)) await client.query(need.statement);
    } catch (error) {
      throw new DatabaseNotPrepared(
        needs.map((need) => need.statement),
        error,
      );
    }
  });
}

function needsOf(client: pg.Client, login: string, owner: string): readonly Need[] {
  const { app, lookup } = roleNames;
  const [forApp = '', forLookup = ''] = schemaGrants;
  return [
    { statement: `CREATE ROLE ${app} NOLOGIN`, check: `EXISTS (SELECT FROM pg_roles WHERE rolname = '${app}')` },
    { statement: `CREATE ROLE ${lookup} NOLOGIN`, check: `EXISTS (SELECT FROM pg_roles WHERE rolname = '${lookup}')` },
    {
      statement: `GRANT ${app} TO ${client.escapeIdentifier(login)}`,
      check: `pg_has_role(${client.escapeLiteral(login)}, '${app}', 'MEMBER')`,
    },
    {
      statement: `GRANT ${lookup} TO ${client.escapeIdentifier(owner)} WITH ADMIN OPTION`,
      check: `pg_has_role('${lookup}', 'USAGE')`,
    },
    { statement: forApp, check: `has_schema_privilege('${app}', 'public', 'USAGE')` },
    { statement: forLookup, check: `has_schema_privilege('${lookup}', 'public', 'CREATE')` },
  ];
}

async function isOpen(client: pg.Client, { check }: Need): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(`SELECT ${check} AS held`);
  return rows[0]?.held !== true;
}

async function userOf(variable: string, url: string): Promise<string> {
  try {
    const { rows } = await withClient(url, (client) => client.query<{ name: string }>('SELECT current_user::text AS name'));
    return rows[0]?.name ?? '';
  } catch (error) {
    throw error instanceof Error ? new DatabaseUnreachable(variable, url, error) : error;
  }
}
