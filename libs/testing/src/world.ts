import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { FileKeyStore, type KeyStore, writeOnce } from '#crypto';
import { createSecrets, type Nats, type Redis, startNats, startRedis } from '#embedded';

/** What a spec file has to itself: a database of its own, a broker of its own, a cache of its own, keys of its own. */
export interface World {
  /** what apps connect with; sees nothing without an organisation */
  readonly databaseUrl: string;
  /** the tables' owner */
  readonly ownerUrl: string;
  /** the superuser, on this world's database; row-level security does not bind it */
  readonly adminUrl: string;
  readonly nats: Nats;
  readonly redis: Redis;
  readonly keyStore: KeyStore;
  readonly directory: string;
  /** where an app finds all of this */
  readonly environment: Record<string, string>;
  /** Ends the broker without warning; resolves when it is gone. */
  killNats(): Promise<void>;
  /** Starts the broker again on its port, on its data or, when `emptied`, on none. */
  restartNats(options?: { readonly emptied?: boolean }): Promise<void>;
  /** Ends the cache without warning; resolves when it is gone. */
  killRedis(): Promise<void>;
  /** Starts the cache again on its port. */
  restartRedis(): Promise<void>;
  stop(): Promise<void>;
}

const BIN = new URL('../../../.data/bin/', import.meta.url).pathname;

/** Starts a world. Call `stop` in `afterAll`. */
export async function startWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'alra-world-'));
  const secrets = createSecrets();
  const log = (name: string) => join(directory, `${name}.log`);
  const natsData = join(directory, 'nats');
  const onNats = (port?: number) => startNats({ dataDir: natsData, logFile: log('nats'), binary: join(BIN, 'nats-server'), secrets, port });
  const onRedis = (port?: number) =>
    startRedis({ dataDir: join(directory, 'redis'), logFile: log('redis'), binary: join(BIN, 'redis-server'), secrets, port });
  // the database first: when it cannot be made, no server is left behind that nobody stops
  const database = await copyTemplate();
  let [nats, redis] = await Promise.all([onNats(), onRedis()]);
  const masterKeyFile = join(directory, 'master.key');
  await writeOnce(masterKeyFile, randomBytes(32).toString('base64'));
  const keysDir = join(directory, 'keys');
  const keyStore = await FileKeyStore.open(keysDir, masterKeyFile);
  return {
    databaseUrl: database.databaseUrl,
    ownerUrl: database.ownerUrl,
    adminUrl: database.adminUrl,
    get nats() {
      return nats;
    },
    get redis() {
      return redis;
    },
    keyStore,
    directory,
    environment: {
      DATABASE_URL: database.databaseUrl,
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      KEYS_DIR: keysDir,
      MASTER_KEY_FILE: masterKeyFile,
    },
    killNats: () => end(nats),
    restartNats: async ({ emptied = false } = {}) => {
      await nats.stop();
      if (emptied) await rm(natsData, { recursive: true });
      nats = await onNats(nats.port);
    },
    killRedis: () => end(redis),
    restartRedis: async () => {
      await redis.stop();
      redis = await onRedis(redis.port);
    },
    stop: async () => {
      await Promise.all([nats.stop(), redis.stop()]);
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** An organisation of this world, with its key. */
export async function newOrganisation(world: World): Promise<string> {
  const id = randomUUID();
  await world.keyStore.create(id);
  return id;
}

/** Runs SQL on one connection of its own; for what no app may do, and to look behind row-level security. */
export async function query<R = Record<string, unknown>>(url: string, statement: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  // a connection that is cut fails the statement under way, which is enough
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement, values)).rows as R[];
  } finally {
    await client.end();
  }
}

/** A URL of the same server and role, for another database. */
export function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function copyTemplate(): Promise<{ databaseUrl: string; ownerUrl: string; adminUrl: string; drop: () => Promise<void> }> {
  const { adminUrl, ownerUrl, appUrl } = inject('postgres');
  const name = `world_${randomBytes(6).toString('hex')}`;
  await query(adminUrl, `create database ${name} template alra owner alra_owner`);
  const drop = async () => {
    await query(adminUrl, `drop database ${name} with (force)`);
  };
  return { databaseUrl: onDatabase(appUrl, name), ownerUrl: onDatabase(ownerUrl, name), adminUrl: onDatabase(adminUrl, name), drop };
}

async function end(server: Nats | Redis): Promise<void> {
  server.kill('SIGKILL');
  await server.stop();
}
