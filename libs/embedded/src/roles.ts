import pg from 'pg';

/** Roles that mean the same on every installation. */
export const roleNames = { owner: 'alra_owner', login: 'alra_login', app: 'alra_app', lookup: 'alra_lookup' } as const;

export interface RolesOptions {
  readonly database: string;
  readonly ownerPassword: string;
  readonly loginPassword: string;
}

/** Makes Alra's roles and database, or brings them back into shape; `adminUrl` belongs to a superuser of a server that is Alra's alone. */
export async function ensureRoles(adminUrl: string, options: RolesOptions): Promise<void> {
  const { owner, login, app, lookup } = roleNames;
  await withClient(adminUrl, async (client) => {
    await ensureRole(client, owner, `LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD ${client.escapeLiteral(options.ownerPassword)}`);
    await ensureRole(client, login, `LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD ${client.escapeLiteral(options.loginPassword)}`);
    await ensureRole(client, app, 'NOLOGIN NOSUPERUSER NOBYPASSRLS');
    await ensureRole(client, lookup, 'NOLOGIN NOSUPERUSER NOBYPASSRLS');
    await client.query(`GRANT ${app} TO ${login}`);
    await client.query(`GRANT ${lookup} TO ${owner} WITH ADMIN OPTION`); // from PostgreSQL 16 on with SET and INHERIT
    await ensureDatabase(client, options.database);
  });
  await withClient(databaseUrl(adminUrl, options.database), async (client) => {
    await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    for (const statement of schemaGrants) await client.query(statement);
  });
}

/** What the roles need inside the database; its owner may run it too. */
export const schemaGrants: readonly string[] = [
  `GRANT USAGE ON SCHEMA public TO ${roleNames.app}`,
  `GRANT USAGE, CREATE ON SCHEMA public TO ${roleNames.lookup}`, // CREATE: without it nothing can be handed over to it
];

/** Runs `work` on one connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // a lost connection fails the query under way, which is enough
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, name: string, attributes: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${name} ${attributes}`);
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const database = client.escapeIdentifier(name);
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${roleNames.owner} TEMPLATE template0 ENCODING 'UTF8'`);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${roleNames.login}`);
  await client.query('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
}

function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
