import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemPath } from './child.js';
import { DataDirBroken, StartFailed } from './errors.js';
import { launcherFor, postgresAccount } from './postgres-account.js';
import type { Account, Launcher } from './postgres-account.js';
import type { PostgresProgram } from './postgres-program.js';

const run = promisify(execFile);

/** The superuser of an embedded server. */
export const adminName = 'alra_admin';

export interface ClusterOptions {
  readonly dataDir: string;
  readonly program: PostgresProgram;
  readonly adminPassword: string;
  readonly fast: boolean;
}

/** Makes the database cluster when there is none, checks one that is there, and tells how to run its server. */
export async function prepareCluster(options: ClusterOptions): Promise<Launcher> {
  const { dataDir, program } = options;
  const version = await clusterVersion(dataDir);
  if (version === undefined) await createCluster(options);
  else if (version !== program.major)
    throw new DataDirBroken(dataDir, `was made by PostgreSQL ${version}, but this Alra brings PostgreSQL ${program.major}`);
  return chooseLauncher(await clusterOwner(dataDir), [program.postgres, dataDir]);
}

async function clusterVersion(dataDir: string): Promise<string | undefined> {
  const entries = await readdir(dataDir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new DataDirBroken(dataDir, 'cannot be read: check its owner and permissions', error);
  });
  if (entries.length === 0) return undefined;
  if (!entries.includes('PG_VERSION'))
    throw new DataDirBroken(dataDir, 'holds files, but no PostgreSQL data: move them away or choose another directory');
  return (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
}

// initdb works beside the final place, so that one killed halfway leaves nothing that looks like data
async function createCluster(options: ClusterOptions): Promise<void> {
  const draft = `${options.dataDir}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const account = await newOwner();
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  const launcher = await chooseLauncher(account, [options.program.initdb, draft]);
  try {
    await initdb(options, draft, launcher);
    await rename(draft, options.dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function initdb({ program, adminPassword, fast }: ClusterOptions, dir: string, { user, prefix }: Launcher): Promise<void> {
  const passwordFile = `${dir}.password`;
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, adminPassword, { flag: 'wx', mode: 0o600 });
  const owner = await stat(dir);
  await chown(passwordFile, owner.uid, owner.gid);
  const args = ['-D', dir, '-U', adminName, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--data-checksums', '--no-instructions'];
  // PostgreSQL's own locale: the operating system's may change its sort order with an upgrade, which breaks indexes
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const [command = '', ...rest] = [...prefix, program.initdb, ...args, ...locale, ...(fast ? ['--no-sync'] : [])];
  try {
    await run(command, rest, { cwd: '/', env: { PATH: systemPath, LC_ALL: 'C' }, ...user });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n') : [];
    throw new StartFailed('initdb', 'it could not make a database', output, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function clusterOwner(dataDir: string): Promise<Account | undefined> {
  const { uid, gid } = await stat(dataDir);
  const self = process.getuid?.();
  if (self === 0 && uid === 0) {
    throw new DataDirBroken(dataDir, `belongs to root, as whom PostgreSQL refuses to run: chown -R postgres: '${dataDir}'`);
  }
  if (self !== 0 && uid !== self) throw new DataDirBroken(dataDir, `belongs to another user (${uid}): start Alra as that user`);
  return self === 0 ? { uid, gid } : undefined;
}

async function newOwner(): Promise<Account | undefined> {
  return process.getuid?.() === 0 ? postgresAccount() : undefined;
}

async function chooseLauncher(account: Account | undefined, paths: readonly string[]): Promise<Launcher> {
  return account === undefined ? { prefix: [] } : launcherFor(account, paths);
}
