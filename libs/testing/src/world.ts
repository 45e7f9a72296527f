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
  stop(): Promise<void>;
}

const BIN = new URL('../../../.data/bin/', import.meta.url).pathname;

/** Starts a world. Call `stop` in `afterAll`. */
export async function startWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'alra-world-'));
  const secrets = createSecrets();
  const log = (name: string) => join(directory, `${name}.log`);
  const [database, nats, redis] = await Promise.all([
    copyTemplate(),
    startNats({ dataDir: join(directory, 'nats'), logFile: log('nats'), binary: join(BIN, 'nats-server'), secrets }),
    startRedis({ dataDir: join(directory, 'redis'), logFile: log('redis'), binary: join(BIN, 'redis-server'), secrets }),
  ]);
  const masterKeyFile = join(directory, 'master.key');
  await writeOnce(masterKeyFile, randomBytes(32).toString('base64'));
  const keysDir = join(directory, 'keys');
  const keyStore = await FileKeyStore.open(keysDir, masterKeyFile);
  return {
    ...database,
    nats,
    redis,
    keyStore,
    directory,
    environment: {
      DATABASE_URL: database.databaseUrl,
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      KEYS_DIR: keysDir,
      MASTER_KEY_FILE: masterKeyFile,
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

async function copyTemplate(): Promise<{ databaseUrl: string; ownerUrl: string; adminUrl: string; drop: () => Promise<void> }> {
  const { adminUrl, ownerUrl, appUrl } = inject('postgres');
  const name = `world_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, `create database ${name} template alra owner alra_owner`);
  const drop = () => asAdmin(adminUrl, `drop database ${name} with (force)`);
  return { databaseUrl: onDatabase(appUrl, name), ownerUrl: onDatabase(ownerUrl, name), adminUrl: onDatabase(adminUrl, name), drop };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
