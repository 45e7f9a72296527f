import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child, OnExit, Running } from './child.js';
import { DataDirBroken } from './errors.js';
import { onPort } from './ports.js';
import type { Launcher } from './postgres-account.js';
import { adminName, prepareCluster } from './postgres-init.js';
import { findPostgres } from './postgres-program.js';
import { settingsFor } from './postgres-settings.js';
import { realPathOf } from './private-files.js';
import { becomesTrue, processesIn } from './process-table.js';
import { ensureRoles, roleNames, withClient } from './roles.js';
import type { Secrets } from './secrets.js';
import { startReady } from './start-ready.js';
import type { Answer } from './start-ready.js';
import { stopLeftover } from './stop-leftover.js';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly logFile: string;
  readonly secrets: Pick<Secrets, 'postgresAdminPassword' | 'postgresOwnerPassword' | 'postgresLoginPassword'>;
  readonly port?: number | undefined;
  /** For tests only: a crash of the machine loses data. */
  readonly fast?: boolean;
  readonly onExit?: OnExit | undefined;
}

export interface Postgres extends Running {
  /** For migrations: owns the database `alra`. */
  readonly ownerUrl: string;
  /** For apps: owns nothing. */
  readonly appUrl: string;
  /** The superuser, on the database `postgres`. */
  readonly adminUrl: string;
}

const database = 'alra';

/** Starts PostgreSQL on its data directory, which it makes when absent, with Alra's roles and database in place. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const program = findPostgres();
  const dataDir = await realPathOf(options.dataDir);
  await takeOver(dataDir);
  const launcher = await prepareCluster({
    dataDir,
    program,
    adminPassword: options.secrets.postgresAdminPassword,
    fast: options.fast ?? false,
  });
  return onPort(options.port, async (port) => {
    const urls = urlsFor(port, options.secrets);
    const child = await launch(options, {
      ...launcher,
      program: program.postgres,
      dataDir,
      port,
      adminUrl: urls.adminUrl,
    });
    await rolesOrStop(child, urls.adminUrl, options);
    return { ...urls, ...child.on(port) };
  });
}

async function takeOver(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  await stopLeftover({ pidFile, argument: dataDir, stopSignal: 'SIGINT' });
  // the workers of a killed server end by themselves, and until then a second server would destroy the data
  if (!(await becomesTrue(() => processesIn(dataDir, 'postgres').length === 0, 10_000))) {
    throw new DataDirBroken(dataDir, `processes of an earlier PostgreSQL still use it: ${processesIn(dataDir, 'postgres').join(', ')}`);
  }
  await rm(pidFile, { force: true }); // PostgreSQL believes in it when its pid is alive again as something else
}

interface Launch extends Launcher {
  readonly program: string;
  readonly dataDir: string;
  readonly port: number;
  readonly adminUrl: string;
}

function launch(
  { fast = false, logFile, onExit }: PostgresOptions,
  { user, prefix, program, dataDir, port, adminUrl }: Launch,
): Promise<Child> {
  const [command = program, ...args] = [...prefix, program, '-D', dataDir, '-p', String(port), ...settingsFor(fast)];
  const probe = (): Promise<Answer> => askPostgres(adminUrl, dataDir);
  // SIGINT: fast shutdown, which rolls back what is open
  return startReady({
    name: 'PostgreSQL',
    command,
    args,
    cwd: '/',
    user,
    logFile,
    stopSignal: 'SIGINT',
    onExit,
    probe,
  });
}

async function askPostgres(adminUrl: string, dataDir: string): Promise<Answer> {
  try {
    await withClient(adminUrl, (client) => client.query('SELECT 1'));
    return 'ready';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '28P01') throw new DataDirBroken(dataDir, 'was made with another secrets.json: put that one back', error);
    return code === '57P03' ? 'busy' : 'silent'; // cannot_connect_now: it repairs itself after a crash
  }
}

async function rolesOrStop(child: Child, adminUrl: string, { secrets }: PostgresOptions): Promise<void> {
  try {
    await ensureRoles(adminUrl, {
      database,
      ownerPassword: secrets.postgresOwnerPassword,
      loginPassword: secrets.postgresLoginPassword,
    });
  } catch (error) {
    await child.stop();
    throw error;
  }
}

function urlsFor(port: number, secrets: PostgresOptions['secrets']): Pick<Postgres, 'adminUrl' | 'ownerUrl' | 'appUrl'> {
  const url = (user: string, password: string, name: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  return {
    adminUrl: url(adminName, secrets.postgresAdminPassword, 'postgres'),
    ownerUrl: url(roleNames.owner, secrets.postgresOwnerPassword, database),
    appUrl: url(roleNames.login, secrets.postgresLoginPassword, database),
  };
}
