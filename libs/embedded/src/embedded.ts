import { join } from 'node:path';
import type { Running } from './child.js';
import { lockDataDir } from './data-lock.js';
import type { DataLock } from './data-lock.js';
import { startNats } from './nats.js';
import type { Nats } from './nats.js';
import { startPostgres } from './postgres.js';
import type { Postgres } from './postgres.js';
import { prepareExternalDatabase } from './prepare-external-database.js';
import { privateDir } from './private-files.js';
import { startRedis } from './redis.js';
import type { Redis } from './redis.js';
import { loadSecrets } from './secrets.js';
import type { Secrets } from './secrets.js';
import { supervise } from './supervise.js';
import type { Supervised, Supervision } from './supervise.js';

export type EmbeddedName = 'postgres' | 'nats' | 'redis';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Where nats-server and redis-server lie. */
  readonly binDir: string;
  /** Servers that run elsewhere; what is absent here is started. */
  readonly external: {
    readonly databaseUrl?: string | undefined;
    /** The same as databaseUrl unless told. */
    readonly databaseOwnerUrl?: string | undefined;
    readonly natsUrl?: string | undefined;
    readonly natsMonitorUrl?: string | undefined;
    readonly redisUrl?: string | undefined;
  };
  readonly progress: (line: string) => void;
  /** A server ended that nobody asked to stop; it is being started again. */
  readonly onLost: (name: EmbeddedName, code: number | null) => void;
  /** It runs again, where it was. */
  readonly onBack: (name: EmbeddedName) => void;
}

export interface EmbeddedUrls {
  readonly databaseUrl: string;
  readonly databaseOwnerUrl: string;
  readonly natsUrl: string;
  readonly natsMonitorUrl?: string;
  readonly redisUrl: string;
}

export interface Embedded {
  readonly urls: EmbeddedUrls;
  readonly secrets: Secrets;
  readonly processes: { readonly postgres?: Postgres; readonly nats?: Nats; readonly redis?: Redis };
  /** Ends what was started, the database last, and frees the data directory. */
  stop(): Promise<void>;
}

/** Starts the servers that nobody gave from outside, on one locked data directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  // PostgreSQL's own user must be able to pass through to its directory; everything in here is closed to others
  const dataDir = await privateDir(options.dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  const lock = await lockDataDir(dataDir);
  try {
    const secrets = await loadSecrets(dataDir);
    const servers = await startAll({ ...options, dataDir }, secrets);
    return { ...servers, secrets, stop: () => stopAndRelease(servers, lock) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function stopAndRelease(servers: Pick<Embedded, 'stop'>, lock: DataLock): Promise<void> {
  try {
    await servers.stop();
  } finally {
    await lock.release();
  }
}

async function startAll(options: EmbeddedOptions, secrets: Secrets): Promise<Omit<Embedded, 'secrets'>> {
  const started: Partial<Record<EmbeddedName, Supervised<Running>>> = {};
  const stop = async (): Promise<void> => {
    for (const name of ['redis', 'nats', 'postgres'] as const) await started[name]?.stop();
  };
  const kept: Kept = async (name, start) => {
    const begin = Date.now();
    const supervised = await supervise({
      start,
      onLost: (code) => options.onLost(name, code),
      onBack: () => options.onBack(name),
    });
    started[name] = supervised;
    options.progress(`${name} on port ${supervised.server.port} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
    return supervised.server;
  };
  const results = await Promise.allSettled([
    database(options, secrets, kept),
    broker(options, secrets, kept),
    cache(options, secrets, kept),
  ]);
  const [data, nats, redis] = results;
  if (data.status === 'fulfilled' && nats.status === 'fulfilled' && redis.status === 'fulfilled') {
    const processes = { ...data.value.process, ...nats.value.process, ...redis.value.process };
    return { urls: { ...data.value.urls, ...nats.value.urls, ...redis.value.urls }, processes, stop };
  }
  await stop();
  throw results.find((result) => result.status === 'rejected')?.reason;
}

type Kept = <Server extends Running>(name: EmbeddedName, start: Supervision<Server>['start']) => Promise<Server>;

interface Part<Urls extends keyof EmbeddedUrls, Name extends EmbeddedName> {
  readonly urls: Pick<EmbeddedUrls, Urls>;
  readonly process?: Pick<Embedded['processes'], Name>;
}

async function database(
  options: EmbeddedOptions,
  secrets: Secrets,
  kept: Kept,
): Promise<Part<'databaseUrl' | 'databaseOwnerUrl', 'postgres'>> {
  const { databaseUrl, databaseOwnerUrl = databaseUrl } = options.external;
  if (databaseUrl !== undefined && databaseOwnerUrl !== undefined) {
    await prepareExternalDatabase({ appUrl: databaseUrl, ownerUrl: databaseOwnerUrl });
    return { urls: { databaseUrl, databaseOwnerUrl } };
  }
  const postgres = await kept<Postgres>('postgres', (previous, onExit) =>
    startPostgres({ ...common('postgres', options, secrets), port: previous?.port, onExit }),
  );
  return { urls: { databaseUrl: postgres.appUrl, databaseOwnerUrl: postgres.ownerUrl }, process: { postgres } };
}

async function broker(options: EmbeddedOptions, secrets: Secrets, kept: Kept): Promise<Part<'natsUrl' | 'natsMonitorUrl', 'nats'>> {
  const { natsUrl, natsMonitorUrl } = options.external;
  if (natsUrl !== undefined) return { urls: { natsUrl, ...(natsMonitorUrl !== undefined && { natsMonitorUrl }) } };
  const nats = await kept<Nats>('nats', (previous, onExit) => {
    const at = { port: previous?.port, monitorPort: previous && Number(new URL(previous.monitorUrl).port) };
    return startNats({ ...common('nats', options, secrets), ...at, binary: join(options.binDir, 'nats-server'), onExit });
  });
  return { urls: { natsUrl: nats.url, natsMonitorUrl: nats.monitorUrl }, process: { nats } };
}

async function cache(options: EmbeddedOptions, secrets: Secrets, kept: Kept): Promise<Part<'redisUrl', 'redis'>> {
  const { redisUrl } = options.external;
  if (redisUrl !== undefined) return { urls: { redisUrl } };
  const redis = await kept<Redis>('redis', (previous, onExit) =>
    startRedis({ ...common('redis', options, secrets), port: previous?.port, binary: join(options.binDir, 'redis-server'), onExit }),
  );
  return { urls: { redisUrl: redis.url }, process: { redis } };
}

function common(name: EmbeddedName, { dataDir }: EmbeddedOptions, secrets: Secrets) {
  return {
    dataDir: join(dataDir, name),
    logFile: join(dataDir, 'logs', `${name}.log`),
    secrets,
  };
}
