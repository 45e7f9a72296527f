import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOrganisation, onDatabase, query, startWorld, type World } from '#testing';
import { Database, sql, UnsafeDatabaseRole } from './index.js';

const ORGANISATION_ONLY = "(org_id = ( SELECT (NULLIF(current_setting('app.org'::text, true), ''::text))::uuid AS \"nullif\"))";

let world: World;
let database: Database;
let mine: string;
let theirs: string;
let tables: string[];

/** A URL whose connections do not become `alra_app`: its own `options` take the place of those that `Database` gives. */
const asItself = (url: string) => `${url}?options=-c%20search_path%3Dpublic`;

/** Tables, views and partitions that somebody could read without being of an organisation; policies for others than the app are named apart. */
async function openTables(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    world.adminUrl,
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> '_prisma_migrations'
       and not (c.relkind in ('r', 'p') and c.relrowsecurity and c.relforcerowsecurity
         and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)
         and exists (select from pg_policy p where p.polrelid = c.oid and p.polroles = array['alra_app'::regrole::oid])
         and not exists (select from pg_policy p where p.polrelid = c.oid and 'alra_app'::regrole = any(p.polroles)
           and (p.polcmd <> '*' or pg_get_expr(p.polqual, p.polrelid) is distinct from $1
             or pg_get_expr(p.polwithcheck, p.polrelid) is distinct from $1)))
     order by 1`,
    [ORGANISATION_ONLY],
  );
  return rows.map(({ name }) => name);
}

/** Puts one row of an organisation into every table, whatever its columns are. */
async function fillEveryTable(organisationId: string): Promise<void> {
  const columns = await query<{ table: string; columns: string; values: string }>(
    world.adminUrl,
    `select c.relname as table, string_agg(quote_ident(a.attname), ', ') as columns,
            string_agg(case when a.attname = 'org_id' then quote_literal($1) when t.typname = 'uuid' then 'gen_random_uuid()'
              when t.typname = 'bytea' then 'uuid_send(gen_random_uuid())' when t.typname = 'jsonb' then quote_literal('{}')
              when t.typname = 'timestamptz' then 'now()' when t.typcategory = 'N' then '1' when t.typcategory = 'B' then 'true'
              when t.typcategory = 'A' then quote_literal('{}') else 'gen_random_uuid()::text' end, ', ') as values
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> '_prisma_migrations' group by c.relname`,
    [organisationId],
  );
  const inserts = columns.map((one) => `insert into ${one.table} (${one.columns}) values (${one.values});`);
  // no order among the tables: references are not checked in this session
  await query(world.adminUrl, `set session_replication_role = replica; ${inserts.join('\n')}`);
}

/** Runs SQL as the app role on one connection, in the organisation when one is named. */
async function asApp<R = Record<string, unknown>>(organisationId: string | null, statement: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: world.databaseUrl, options: '-c role=alra_app' });
  await client.connect();
  try {
    if (organisationId !== null) await client.query("select set_config('app.org', $1, false)", [organisationId]);
    return (await client.query(statement)).rows as R[];
  } finally {
    await client.end();
  }
}

const rowsPerTable = (organisationId: string | null) =>
  asApp<{ table: string; rows: number }>(
    organisationId,
    tables.map((table) => `select '${table}' as table, count(*)::int as rows from ${table}`).join(' union all '),
  );

beforeAll(async () => {
  world = await startWorld();
  database = new Database({ app: 'test', url: world.databaseUrl, connections: 10 });
  [mine, theirs] = [await newOrganisation(world), await newOrganisation(world)];
  await fillEveryTable(mine);
  const rows = await query<{ name: string }>(
    world.adminUrl,
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations' order by 1",
  );
  tables = rows.map(({ name }) => name);
});

afterAll(async () => {
  await database?.close();
  await world?.stop();
});

describe('the catalogue', () => {
  it('has forced row-level security and the one policy on every table', async () => {
    expect(tables.length).toBeGreaterThan(10);
    expect(await openTables()).toEqual([]);
  });

  it('is seen through when it has not', async () => {
    const protectedTable = (name: string, more = '') =>
      `create table ${name} (org_id uuid not null); call isolate_by_organisation('${name}'); ${more};`;
    const leaks = {
      no_organisation: 'create table no_organisation (id uuid);',
      no_security: 'create table no_security (org_id uuid not null);',
      not_forced: protectedTable('not_forced', 'alter table not_forced no force row level security'),
      too_kind: protectedTable('too_kind', 'create policy more on too_kind for select to alra_app using (true)'),
      a_view: 'create view a_view as select * from messages;',
    };

    for (const statement of Object.values(leaks)) await query(world.ownerUrl, statement);

    expect(await openTables()).toEqual(Object.keys(leaks).toSorted());
    for (const [name] of Object.entries(leaks)) await query(world.ownerUrl, `drop ${name === 'a_view' ? 'view' : 'table'} ${name}`);
    expect(await openTables()).toEqual([]);
  });

  it('has every unique key and every reference begin with the organisation, for they do not ask row-level security', async () => {
    const rows = await query<{ name: string }>(
      world.adminUrl,
      `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
       join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations' and i.indisunique and a.attname <> 'org_id'
       union all
       select conname from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       where k.contype = 'f' and a.attname <> 'org_id' order by 1`,
    );

    // an e-mail and a client id are unique in the installation: they are what somebody signs in with before an organisation is known
    expect(rows.map(({ name }) => name)).toEqual(['api_clients_id_key', 'users_email_hash_key']);
  });

  it('gives the roles of apps nothing to own and no power', async () => {
    const roles = await query(
      world.adminUrl,
      `select rolname as role, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as powerful,
              (select count(*)::int from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o') as owns,
              (select array_agg(m.roleid::regrole::text) from pg_auth_members m where m.member = r.oid) as member_of
       from pg_roles r where rolname in ('alra_app', 'alra_login') order by 1`,
    );

    expect(roles).toEqual([
      { role: 'alra_app', powerful: false, owns: 0, member_of: null },
      { role: 'alra_login', powerful: false, owns: 0, member_of: ['alra_app'] },
    ]);
  });

  it('lets exactly two functions pass row-level security, which nobody can bend', async () => {
    const definers = await query(
      world.adminUrl,
      `select proname as name, proowner::regrole::text as owner, proconfig as config, has_function_privilege('public', oid, 'execute') as public,
              has_function_privilege('alra_app', oid, 'execute') as app
       from pg_proc where prosecdef and pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by 1`,
    );
    const pinned = { owner: 'alra_lookup', config: ['search_path=pg_catalog, public, pg_temp'], public: false, app: true };

    expect(definers).toEqual([
      { name: 'lookup_api_client', ...pinned },
      { name: 'lookup_sessions', ...pinned },
    ]);
  });

  it('lets nobody but named roles run any function of ours', async () => {
    const rows = await query<{ name: string }>(
      world.adminUrl,
      `select proname as name from pg_proc
       where pronamespace = 'public'::regnamespace and has_function_privilege('public', oid, 'execute')`,
    );

    expect(rows).toEqual([]);
  });

  it('shows the look-ups no more than the columns they compare and return', async () => {
    const rows = await query<{ column: string }>(
      world.adminUrl,
      `select c.relname || '.' || a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_column_privilege('alra_lookup', c.oid, a.attnum, 'select') order by 1`,
    );

    expect(rows.map(({ column }) => column)).toEqual(
      [
        ...['org_id', 'id', 'secret_hash', 'scopes', 'revoked_at'].map((column) => `api_clients.${column}`),
        ...['org_id', 'id', 'driver', 'credentials', 'route_hash', 'verify_token_hash'].map((column) => `sessions.${column}`),
      ].toSorted(),
    );
  });
});

describe('the app role', () => {
  it('sees no row of any table without an organisation, or in another one', async () => {
    const nothing = tables.map((table) => ({ table, rows: 0 }));

    expect(await rowsPerTable(mine)).toEqual(tables.map((table) => ({ table, rows: 1 })));
    expect(await rowsPerTable(null)).toEqual(nothing);
    expect(await rowsPerTable('')).toEqual(nothing);
    expect(await rowsPerTable(theirs)).toEqual(nothing);
  });

  it('sees nothing either when it connects without becoming itself', async () => {
    const counts = await query<{ rows: number }>(
      world.databaseUrl,
      tables.map((table) => `select count(*)::int as rows from ${table}`).join(' union all '),
    );

    expect(counts.reduce((sum, { rows }) => sum + rows, 0)).toBe(0);
  });

  it('changes and deletes nothing of another organisation', async () => {
    for (const table of tables) {
      await asApp(theirs, `update ${table} set org_id = '${theirs}'`);
      await asApp(theirs, `delete from ${table}`);
    }

    expect((await rowsPerTable(mine)).filter(({ rows }) => rows !== 1)).toEqual([]);
  });

  it('cannot write a row of another organisation, nor hand one over', async () => {
    const settings = (organisationId: string) =>
      `insert into settings (org_id, scope, subject, value) values ('${organisationId}', 'organisation', 'x', '{}')`;

    await expect(asApp(theirs, settings(mine))).rejects.toThrow('row-level security');
    await expect(asApp(null, settings(mine))).rejects.toThrow('row-level security');
    for (const table of tables) {
      await expect(asApp(mine, `update ${table} set org_id = '${theirs}'`), table).rejects.toThrow('row-level security');
    }
  });

  it('cannot switch protection off, look into the migrations, or become somebody else', async () => {
    const forbidden = [
      'alter table messages disable row level security',
      'drop policy organisation on messages',
      'select * from _prisma_migrations',
      'create table mine (id int)',
      'truncate messages',
      'set role alra_lookup',
      'set role alra_owner',
      "copy messages to '/tmp/messages'",
      'call isolate_by_organisation($$messages$$)',
    ];

    for (const statement of forbidden) {
      await expect(asApp(mine, statement), statement).rejects.toThrow(/permission denied|must be owner|must be able to SET ROLE/);
    }
    await expect(asApp(mine, 'set row_security = off; select * from messages')).rejects.toThrow('row-level security');
  });
});

describe(Database.name, () => {
  const READERS = 100;
  const READS_EACH = 10;

  beforeAll(async () => {
    for (const organisationId of [mine, theirs]) {
      await query(
        world.adminUrl,
        `insert into settings (org_id, scope, subject, value) select $1::uuid, 'leak', n::text, jsonb_build_object('of', $1::text) from generate_series(1, 5) n`,
        [organisationId],
      );
    }
  });

  /** Reads as both organisations at once and counts the rows that were another's, and those that were missing. */
  const mixed = async (read: (organisationId: string) => Promise<{ of: string }[]>): Promise<{ foreign: number; missing: number }> => {
    const results: { foreign: number; missing: number }[] = [];
    const reader = async (_: unknown, n: number) => {
      for (let turn = n; turn < n + READS_EACH; turn += 1) {
        const organisationId = turn % 2 === 0 ? mine : theirs;
        const own = (await read(organisationId)).map(({ of }) => of === organisationId);
        results.push({ foreign: own.filter((is) => !is).length, missing: 5 - own.filter(Boolean).length });
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    expect(results).toHaveLength(1_000);
    return { foreign: sumOf(results.map((one) => one.foreign)), missing: sumOf(results.map((one) => one.missing)) };
  };
  const sumOf = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0);

  it('leaks nothing in 1,000 mixed parallel reads of two organisations', async () => {
    const leaked = await mixed((organisationId) =>
      database.withOrganisation(organisationId, (tx) => tx.$queryRaw`select value->>'of' as of from settings where scope = 'leak'`),
    );

    expect(leaked).toEqual({ foreign: 0, missing: 0 });
  });

  it('leaks nothing in 1,000 mixed parallel single statements', async () => {
    const read = sql`select jsonb_build_object('of', value->>'of') from settings where scope = $1->>'scope'`;

    const leaked = await mixed((organisationId) => database.statement(organisationId, read, { scope: 'leak' }));

    expect(leaked).toEqual({ foreign: 0, missing: 0 });
  });

  it('would leak with a session-level setting, as the control shows', async () => {
    const pool = new pg.Pool({ connectionString: world.databaseUrl, options: '-c role=alra_app', max: 10 });

    const leaked = await mixed(async (organisationId) => {
      await pool.query("select set_config('app.org', $1, false)", [organisationId]);
      return (await pool.query<{ of: string }>("select value->>'of' as of from settings where scope = 'leak'")).rows;
    });
    await pool.end();

    expect(leaked.foreign).toBeGreaterThan(0);
  });

  it('leaves no organisation behind on its connections', async () => {
    await Promise.all(Array.from({ length: 20 }, () => database.withOrganisation(mine, (tx) => tx.$queryRaw`select 1`)));
    await database.withOrganisation(mine, () => Promise.reject(new Error('rolled back'))).catch(() => undefined);
    await database.statement(mine, sql`select to_jsonb(1)`, {});

    const seen = await Promise.all(
      Array.from({ length: 20 }, () =>
        database.beforeOrganisation((client) => client.$queryRaw<{ n: bigint }[]>`select count(*) as n from settings`),
      ),
    );

    expect(new Set(seen.map(([row]) => row?.n))).toEqual(new Set([0n]));
  });

  it('passes its own check, and refuses roles that could pass row-level security', async () => {
    await expect(database.checkRole()).resolves.toBeUndefined();

    for (const url of [world.adminUrl, world.ownerUrl]) {
      const unsafe = new Database({ app: 'test', url: asItself(url), connections: 1 });
      await expect(unsafe.checkRole()).rejects.toThrow(UnsafeDatabaseRole);
      await unsafe.close();
    }
  });

  it('refuses a role that only bypasses row-level security', async () => {
    const [role, password] = [`bypass_${randomUUID().slice(0, 8)}`, randomUUID()];
    await query(world.adminUrl, `create role ${role} login bypassrls in role alra_app password '${password}'`);
    const name = new URL(world.databaseUrl).pathname.slice(1);
    await query(world.adminUrl, `grant connect on database ${name} to ${role}`);
    const url = new URL(onDatabase(world.databaseUrl, name));
    [url.username, url.password] = [role, password];

    const unsafe = new Database({ app: 'test', url: asItself(url.href), connections: 1 });
    await expect(unsafe.checkRole()).rejects.toThrow(UnsafeDatabaseRole);

    await unsafe.close();
    await query(world.adminUrl, `drop owned by ${role}; drop role ${role}`);
  });
});
