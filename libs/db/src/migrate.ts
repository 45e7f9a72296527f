import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { type DiffTarget, type MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

/** Serialises migrating processes; any fixed number will do. */
const ADVISORY_LOCK = 4_175_102;
const UNFINISHED = 'finished_at is null and rolled_back_at is null';
/** Said inside of each migration's own transaction: it counts as applied exactly when its changes are kept. */
const FINISH = `update _prisma_migrations set finished_at = now() where ${UNFINISHED}`;
/** For who holds the lock: what was begun and is not finished was cut off, nothing of it stayed, and the engine may try it again. */
const FORGET_CUT_OFF = `update _prisma_migrations set rolled_back_at = now() where ${UNFINISHED}`;
const NO_FILTER = { externalTables: [], externalEnums: [] };

/**
 * The adapter cuts scripts at every semicolon, also inside functions and comments. A migration goes to the server whole:
 * it parses it rightly and applies it in one transaction.
 */
class WholeScripts extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(`${script}\n;${FINISH}`);
    };
    return adapter;
  }
}

/** The migrations did not apply; `cause` is the engine's own error. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
}

/**
 * Applies the migrations of `<prismaDir>/migrations` that the database does not have yet, in Prisma's own format and with its
 * own `_prisma_migrations` table, through the engine's WebAssembly build: no engine binary is downloaded.
 * `ownerUrl` connects as the role that owns the tables. Returns the names applied. Throws MigrationFailed.
 */
export async function migrate(ownerUrl: string, prismaDir: string): Promise<string[]> {
  const guard = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  guard.on('error', () => {
    // the statement in flight rejects; without a listener the process would end
  });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const migrationsList = await readMigrations(prismaDir);
    if (await isUpToDate(guard, migrationsList)) return [];
    const { appliedMigrationNames } = await withEngine(ownerUrl, prismaDir, (engine) =>
      engine.applyMigrations({ migrationsList, filters: NO_FILTER }),
    );
    return appliedMigrationNames;
  } catch (cause) {
    throw new MigrationFailed(`the database could not be migrated: ${messageOf(cause)}`, { cause });
  } finally {
    await guard.end();
  }
}

/** The SQL that makes `schema.prisma` from nothing: what the first migration starts from, and what all of them together must come to. */
export async function schemaFromEmpty(ownerUrl: string, prismaDir: string): Promise<string> {
  const path = join(prismaDir, 'schema.prisma');
  const to: DiffTarget = { tag: 'schemaDatamodel', files: [{ path, content: await readFile(path, 'utf8') }] };
  const result = await withEngine(ownerUrl, prismaDir, (engine) =>
    engine.diff({ from: { tag: 'empty' }, to, script: true, exitCode: null, filters: NO_FILTER }),
  );
  return (result.stdout ?? '').trim();
}

/** Closes what the engine opened: it leaves its connections open, and with them nobody could copy or drop the database. */
async function withEngine<T>(ownerUrl: string, prismaDir: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const path = join(prismaDir, 'schema.prisma');
  const pool = new pg.Pool({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
    const engine = await SchemaEngine.new({ datamodels: [[path, await readFile(path, 'utf8')]] }, () => undefined, factory);
    return await work(engine);
  } finally {
    await pool.end();
  }
}

async function readMigrations(prismaDir: string): Promise<MigrationList> {
  const baseDir = join(prismaDir, 'migrations');
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.toSorted().map(async (path) => {
      const value = await readFile(join(baseDir, path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
    }),
  );
  const content = await readFile(join(baseDir, 'migration_lock.toml'), 'utf8');
  return { baseDir, lockfile: { path: 'migration_lock.toml', content }, shadowDbInitScript: '', migrationDirectories };
}

/** Clears up after a call that was cut off. Loading the engine takes most of a second; a database that has every migration does not need it. */
async function isUpToDate(client: pg.Client, list: MigrationList): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>(`select to_regclass('_prisma_migrations') is not null as present`);
  if (!rows[0]?.present) return false;
  await client.query(FORGET_CUT_OFF);
  const applied = await client.query<{ migration_name: string }>(
    'select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const names = new Set(applied.rows.map((row) => row.migration_name));
  return list.migrationDirectories.every((directory) => names.has(directory.path));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
