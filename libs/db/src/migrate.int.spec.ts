import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { onDatabase, query } from '#testing';
import { schemaGrants } from '../../embedded/src/roles.js';
import { migrate, MigrationFailed, schemaDrift } from './index.js';

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
    expect(await schemaDrift(url, PRISMA)).toBe('');
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
    expect(await schemaDrift(url, PRISMA)).toContain('DROP TABLE "extra"');
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

  it('on a database that is not there says so', async () => {
    await expect(migrate(onDatabase(ownerUrl, 'nowhere'), PRISMA)).rejects.toThrow(/nowhere/);
  });
});
