import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { onDatabase, query } from '#testing';
import { schemaGrants } from '#embedded';
import { migrate, MigrationFailed, schemaFromEmpty } from './index.js';

const PRISMA = new URL('../../../prisma', import.meta.url).pathname;
const { adminUrl, ownerUrl } = inject('postgres');
const made: string[] = [];
let changed: string;

/** A database as `npm start` makes it, with its roles and nothing else. */
async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  made.push(name);
  await query(adminUrl, `create database ${name} owner alra_owner template template0 encoding 'UTF8'`);
  await query(onDatabase(adminUrl, name), ['revoke create on schema public from public', ...schemaGrants].join(';'));
  return onDatabase(ownerUrl, name);
}

const applied = (url: string) =>
  query<{ name: string; times: number }>(
    url,
    'select migration_name as name, count(*)::int as times from _prisma_migrations where finished_at is not null group by 1 order by 1',
  );
const tablesOf = async (url: string) => (await query(url, "select 1 from pg_tables where schemaname = 'public'")).length;
/** Everything of the tables that `schema.prisma` can say, one line each. */
const shapeOf = async (url: string) => {
  const rows = await query<{ line: string }>(
    url,
    `select format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) as line
     from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relname <> '_prisma_migrations'
     union all select pg_get_indexdef(indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations'
     union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
     where connamespace = 'public'::regnamespace and conrelid <> coalesce(to_regclass('_prisma_migrations'), 0) order by 1`,
  );
  return rows.map(({ line }) => line);
};
const connectionsTo = (url: string) =>
  query(adminUrl, 'select pid from pg_stat_activity where datname = $1', [new URL(url).pathname.slice(1)]);

beforeAll(async () => {
  changed = await mkdtemp(join(tmpdir(), 'alra-prisma-'));
  await cp(PRISMA, changed, { recursive: true });
});

afterAll(async () => {
  await rm(changed, { recursive: true });
  for (const name of made) await query(adminUrl, `drop database ${name} with (force)`);
});

describe(migrate.name, () => {
  it('makes of an empty database what the schema says, and a second time does nothing', async () => {
    const url = await emptyDatabase();

    const first = await migrate(url, PRISMA);
    const second = await migrate(url, PRISMA);

    expect(first.length).toBeGreaterThan(1);
    expect(second).toEqual([]);
  });

  it('comes to exactly what the schema says: columns, keys, references, indexes', async () => {
    const [migrated, wanted] = [await emptyDatabase(), await emptyDatabase()];

    await migrate(migrated, PRISMA);
    await query(wanted, await schemaFromEmpty(wanted, PRISMA));

    const shape = await shapeOf(migrated);
    expect(shape.length).toBeGreaterThan(100);
    expect(shape).toEqual(await shapeOf(wanted));
  });

  it('called by three at once applies each migration once, and all succeed', async () => {
    const url = await emptyDatabase();

    const results = await Promise.all([1, 2, 3].map(() => migrate(url, PRISMA)));

    expect(results.map((names) => names.length).toSorted((a, b) => a - b)).toEqual([0, 0, (await applied(url)).length]);
    expect(new Set((await applied(url)).map(({ times }) => times))).toEqual(new Set([1]));
  });

  it('leaves no connection open, so that the database can be copied', async () => {
    const url = await emptyDatabase();

    await migrate(url, PRISMA);

    await expect.poll(() => connectionsTo(url)).toEqual([]);
  });

  it('applies a new migration only, with semicolons wherever they stand', async () => {
    const url = await emptyDatabase();
    await migrate(url, PRISMA);
    const name = '20991231000001_tricky';
    await mkdir(join(changed, 'migrations', name));
    const tricky = `-- a comment; with a semicolon
      CREATE FUNCTION tricky() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN 'a;b'; END $body$; CREATE TABLE extra (n int); /* one ; more */`;
    await writeFile(join(changed, 'migrations', name, 'migration.sql'), tricky);

    expect(await migrate(url, changed)).toEqual([name]);
    expect(await query(url, 'select tricky()')).toEqual([{ tricky: 'a;b' }]);
  });

  it('that fails says so, and nothing of that migration stays', async () => {
    const url = await emptyDatabase();
    await migrate(url, PRISMA);
    const before = await tablesOf(url);
    const name = '20991231000002_broken';
    await rm(join(changed, 'migrations', '20991231000001_tricky'), { recursive: true, force: true });
    await mkdir(join(changed, 'migrations', name));
    await writeFile(join(changed, 'migrations', name, 'migration.sql'), 'CREATE TABLE half (n int); ALTER TABLE nowhere ADD COLUMN n int;');

    await expect(migrate(url, changed)).rejects.toThrow(MigrationFailed);
    expect(await tablesOf(url)).toBe(before);
    expect((await applied(url)).map((one) => one.name)).not.toContain(name);
    expect(await connectionsTo(url)).toEqual([]);
  });

  it('cut off in the middle is done by the next call', async () => {
    const url = await emptyDatabase();
    await migrate(url, PRISMA);
    const before = await tablesOf(url);
    const name = '20991231000003_slow';
    const slow = await mkdtemp(join(tmpdir(), 'alra-prisma-'));
    await cp(PRISMA, slow, { recursive: true });
    await mkdir(join(slow, 'migrations', name));
    await writeFile(join(slow, 'migrations', name, 'migration.sql'), 'CREATE TABLE whole (n int); SELECT pg_sleep(1);');

    const cutOff = migrate(url, slow);
    const sleeping = () =>
      query(adminUrl, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query like '%pg_sleep(1)%'", [
        new URL(url).pathname.slice(1),
      ]);
    await Promise.all([expect(cutOff).rejects.toThrow(MigrationFailed), expect.poll(sleeping).toHaveLength(1)]);
    expect(await tablesOf(url)).toBe(before);

    expect(await migrate(url, slow)).toEqual([name]);
    expect(await tablesOf(url)).toBe(before + 1);
    await rm(slow, { recursive: true });
  });

  it('cut off between a migration and its record knows that it was applied', async () => {
    const url = await emptyDatabase();
    await migrate(url, PRISMA);
    // the engine counts its step and says that it is finished after the script: both are still to come here
    await query(
      url,
      `create or replace function forget() returns trigger language plpgsql as $$ begin
         if new.applied_steps_count > old.applied_steps_count then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$;
       create trigger forget before update on _prisma_migrations for each row execute function forget()`,
    );
    const name = '20991231000004_kept';
    const kept = await mkdtemp(join(tmpdir(), 'alra-prisma-'));
    await cp(PRISMA, kept, { recursive: true });
    await mkdir(join(kept, 'migrations', name));
    await writeFile(join(kept, 'migrations', name, 'migration.sql'), 'CREATE TABLE kept (n int)');

    await expect(migrate(url, kept)).rejects.toThrow(MigrationFailed);
    await query(url, 'drop trigger forget on _prisma_migrations');

    expect(await migrate(url, kept)).toEqual([]);
    expect(await query(url, 'select * from kept')).toEqual([]);
    await rm(kept, { recursive: true });
  });

  it('on a database that is not there says so', async () => {
    await expect(migrate(onDatabase(ownerUrl, 'nowhere'), PRISMA)).rejects.toThrow(/nowhere/);
  });
});
