import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Running } from './child.js';
import {
  AlreadyRunning,
  checkNatsDurability,
  createSecrets,
  DataDirBroken,
  DatabaseNotPrepared,
  DatabaseUnreachable,
  freePort,
  PortInUse,
  ProgramMissing,
  StartFailed,
  startEmbedded,
  startNats,
  startPostgres,
  startRedis,
} from './index.js';
import type { Embedded, Nats, Postgres, Redis } from './index.js';
import { prepareExternalDatabase } from './prepare-external-database.js';
import { processStart } from './process-table.js';
import { withClient } from './roles.js';
import { answers } from './tcp.js';

const binDir = fileURLToPath(new URL('../../../.data/bin', import.meta.url));
const secrets = createSecrets();
const started: { stop(): Promise<void> }[] = [];
let template = '';
let dir = '';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const server = await starting;
  started.push(server);
  return server;
};
const logFile = (name: string): string => join(dir, 'logs', `${name}.log`);
const postgres = (more: object = {}): Promise<Postgres> => {
  const dataDir = join(dir, 'postgres');
  if (!existsSync(dataDir)) execFileSync('cp', ['-a', join(template, 'postgres'), dataDir]); // faster than initdb
  return keep(startPostgres({ dataDir, logFile: logFile('postgres'), secrets, fast: true, ...more }));
};
const nats = (more: object = {}): Promise<Nats> =>
  keep(
    startNats({
      dataDir: join(dir, 'nats'),
      logFile: logFile('nats'),
      binary: join(binDir, 'nats-server'),
      secrets,
      ...more,
    }),
  );
const redis = (more: object = {}): Promise<Redis> =>
  keep(
    startRedis({
      dataDir: join(dir, 'redis'),
      logFile: logFile('redis'),
      binary: join(binDir, 'redis-server'),
      secrets,
      ...more,
    }),
  );
const query = async (url: string, ...statements: string[]): Promise<unknown[]> =>
  withClient(url, async (client) => {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  });
const alive = ({ pid }: Running): boolean => processStart(pid) !== undefined;

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'alra-embedded-'));
  await (await startPostgres({ dataDir: join(template, 'postgres'), logFile: join(template, 'log'), secrets, fast: true })).stop();
});

afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'alra-embedded-')));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(dir, { recursive: true, force: true });
});

describe(startPostgres.name, () => {
  it('keeps its data from one start to the next', async () => {
    const first = await postgres();
    await query(first.ownerUrl, 'CREATE TABLE kept (word text)', "INSERT INTO kept VALUES ('ação')");
    await first.stop();

    const second = await postgres();

    expect(await query(second.ownerUrl, 'SELECT upper(word) AS word FROM kept')).toEqual([{ word: 'AÇÃO' }]);
    expect((await stat(join(dir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(logFile('postgres'))).mode & 0o777).toBe(0o600);
  });

  it('lets apps use only what is granted to alra_app', async () => {
    const { ownerUrl, appUrl } = await postgres();
    await query(ownerUrl, 'CREATE TABLE granted (n int)', 'GRANT SELECT ON granted TO alra_app', 'CREATE TABLE secret (n int)');

    expect(await query(appUrl, 'SET ROLE alra_app', 'SELECT current_user AS me, count(*)::int FROM granted')).toEqual([
      { me: 'alra_app', count: 0 },
    ]);
    await expect(query(appUrl, 'SELECT * FROM secret')).rejects.toThrow('permission denied');
    await expect(query(appUrl, 'CREATE TABLE mine (n int)')).rejects.toThrow('permission denied');
    await expect(query(appUrl, 'SET ROLE alra_lookup')).rejects.toThrow('permission denied');
    await expect(query(appUrl.replace(/alra$/, 'postgres'), 'SELECT 1')).rejects.toThrow('permission denied');
  });

  it('lets the owner hand a function over to alra_lookup and make roles', async () => {
    const { ownerUrl } = await postgres();
    await query(ownerUrl, "CREATE FUNCTION look() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'");

    await query(ownerUrl, 'ALTER FUNCTION look() OWNER TO alra_lookup', 'CREATE ROLE other NOLOGIN');

    const [row] = await query(ownerUrl, 'SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user');
    expect(row).toEqual({ rolsuper: false, rolbypassrls: false });
  });

  it('runs with every protection unless told to be fast, and writes no statement to its log', async () => {
    const { adminUrl, ownerUrl } = await postgres({ fast: false });

    const settings = await query(
      adminUrl,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums') ORDER BY 1",
    );
    await query(ownerUrl, "SELECT 'uma frase'::uuid").catch(() => undefined);
    await query(ownerUrl, "SELECT 'uma frase' FROM nowhere").catch(() => undefined);

    expect(settings).toEqual(
      ['data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit'].map((name) => ({ name, setting: 'on' })),
    );
    expect(await readFile(logFile('postgres'), 'utf8')).not.toMatch(/uma frase|nowhere/);
  });

  it('takes over from a server that a killed parent left behind', async () => {
    const orphan = await postgres();
    await query(orphan.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n');

    const next = await postgres({ port: orphan.port });

    expect(alive(orphan)).toBe(false);
    expect(await query(next.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('reports its own end and comes back after kill -9', async () => {
    const ends: unknown[] = [];
    const first = await postgres({ onExit: (...end: unknown[]) => ends.push(end) });
    await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n');
    first.kill('SIGKILL');
    await expect.poll(() => ends).toEqual([[null, 'SIGKILL']]);

    const next = await postgres();

    expect(await query(next.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('does not believe in the pid file when its pid is another program now', async () => {
    await (await postgres()).stop();
    await writeFile(join(dir, 'postgres', 'postmaster.pid'), `${process.ppid}\n${dir}/postgres\n`);

    await expect(postgres()).resolves.toBeDefined();
  });

  it('says what is wrong with its data directory', async () => {
    await writeFile(join(dir, 'notes'), 'mine');
    await expect(postgres({ dataDir: dir })).rejects.toThrow(DataDirBroken);

    await (await postgres()).stop();
    await expect(postgres({ secrets: createSecrets() })).rejects.toThrow(/another secrets.json/);
    await writeFile(join(dir, 'postgres', 'PG_VERSION'), '15\n');
    await expect(postgres()).rejects.toThrow(/made by PostgreSQL 15/);
  });
});

describe(startNats.name, () => {
  it('lets nobody in without the password and has on disk what it acknowledged', async () => {
    const { port, monitorUrl, url } = await nats();

    expect(await answers(port, 'CONNECT {}\r\nPING\r\n', 'Authorization Violation')).toBe(true);
    expect(url).toContain(secrets.natsPassword);
    expect(await checkNatsDurability(monitorUrl)).toEqual({ status: 'durable' });
    expect((await stat(join(dir, 'nats', 'nats.conf'))).mode & 0o777).toBe(0o600);
  });

  it('takes over from a server that a killed parent left behind', async () => {
    const orphan = await nats();

    const next = await nats({ port: orphan.port });

    expect(alive(orphan)).toBe(false);
    expect(next.port).toBe(orphan.port);
  });

  it('repeats the last line of the log when the server refuses to start', async () => {
    const refused = nats({ limits: { fileBytes: -2.5 } });

    await expect(refused).rejects.toThrow(StartFailed);
    await expect(refused).rejects.toThrow(/nats.conf/);
  });

  it('says which program is missing', async () => {
    await expect(nats({ binary: join(dir, 'nats-server') })).rejects.toThrow(ProgramMissing);
  });
});

describe(checkNatsDurability.name, () => {
  it('tells a server that may lose acknowledged messages from one that cannot be asked', async () => {
    const [port, monitorPort] = [await freePort(), await freePort()];
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-m', `${monitorPort}`, '-js', '-sd', dir];
    const careless = spawn(join(binDir, 'nats-server'), args, { stdio: 'ignore' });
    started.push({ stop: async () => void (careless.kill('SIGKILL') && (await once(careless, 'exit'))) });
    await expect.poll(() => answers(port, 'PING\r\n', 'PONG'), { timeout: 5_000 }).toBe(true);

    expect(await checkNatsDurability(`http://127.0.0.1:${monitorPort}`)).toMatchObject({
      status: 'not-durable',
      reason: /sync_interval/,
    });
    expect(await checkNatsDurability(`http://127.0.0.1:${port}`)).toMatchObject({ status: 'unknown' });
    expect(await checkNatsDurability('nonsense')).toMatchObject({ status: 'unknown' });
  });
});

describe(startRedis.name, () => {
  it('requires its password and keeps nothing on disk', async () => {
    const { port, url } = await redis();

    expect(await answers(port, 'PING\r\n', '-NOAUTH')).toBe(true);
    expect(await answers(port, `AUTH ${secrets.redisPassword}\r\nCONFIG GET save\r\n`, 'save\r\n$0\r\n')).toBe(true);
    expect(url).toBe(`redis://:${secrets.redisPassword}@127.0.0.1:${port}`);
  });

  it('takes over from a server that a killed parent left behind', async () => {
    const orphan = await redis();

    await redis();

    expect(alive(orphan)).toBe(false);
  });

  it('names the port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    await expect(redis({ port })).rejects.toThrow(PortInUse);
    await expect(nats({ port })).rejects.toThrow(PortInUse);
    await expect(postgres({ port })).rejects.toThrow(`Port ${port} `);
    taken.close();
  });
});

describe(startEmbedded.name, () => {
  const embedded = (external = {}, told: string[] = []): Promise<Embedded> => {
    const onLost = (name: string) => told.push(`${name} lost`);
    const onBack = (name: string) => told.push(`${name} back`);
    return keep(startEmbedded({ dataDir: join(dir, 'data'), binDir, external, progress: () => undefined, onLost, onBack }));
  };

  it('starts all three, starts one that was killed again where it was, and comes back with the same secrets', async () => {
    const told: string[] = [];
    const first = await embedded({}, told);
    await expect(embedded()).rejects.toThrow(AlreadyRunning);
    await query(first.urls.databaseOwnerUrl, 'CREATE TABLE kept (n int)', 'INSERT INTO kept VALUES (7)');
    first.processes.redis?.kill('SIGKILL');
    first.processes.nats?.kill('SIGKILL');
    first.processes.postgres?.kill('SIGKILL');
    await expect
      .poll(() => told.toSorted(), { timeout: 15_000 })
      .toEqual(['nats back', 'nats lost', 'postgres back', 'postgres lost', 'redis back', 'redis lost']);
    expect(await query(first.urls.databaseOwnerUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(await checkNatsDurability(first.urls.natsMonitorUrl ?? '')).toEqual({ status: 'durable' });
    await first.stop();

    const second = await embedded();

    expect(second.secrets).toEqual(first.secrets);
    expect(Object.keys(second.processes)).toEqual(['postgres', 'nats', 'redis']);
    expect(await query(second.urls.databaseUrl, 'SELECT current_user AS me')).toEqual([{ me: 'alra_login' }]);
    expect(told).toHaveLength(6);
  });

  it('uses servers from outside and makes the roles they lack', async () => {
    const { adminUrl } = await postgres();
    await query(adminUrl, 'DROP OWNED BY alra_app, alra_lookup', 'CREATE DATABASE other');
    const databaseUrl = adminUrl.replace(/postgres$/, 'other');
    const external = { databaseUrl, natsUrl: 'nats://elsewhere', redisUrl: 'redis://elsewhere' };

    const { urls, processes } = await embedded(external);

    expect(urls).toEqual({ ...external, databaseOwnerUrl: databaseUrl });
    expect(processes).toEqual({});
    const [granted] = await query(databaseUrl, "SELECT has_schema_privilege('alra_lookup', 'public', 'CREATE') AS yes");
    expect(granted).toEqual({ yes: true });
  });

  it('tells what to run when the owner of a database may not make the roles', async () => {
    const { adminUrl } = await postgres();
    await query(adminUrl, "CREATE ROLE poor LOGIN PASSWORD 'x'", 'CREATE DATABASE other');
    const url = adminUrl.replace(/alra_admin:\w+@/, 'poor:x@').replace(/postgres$/, 'other');

    await expect(prepareExternalDatabase({ appUrl: url, ownerUrl: url })).rejects.toThrow(DatabaseNotPrepared);
    await expect(prepareExternalDatabase({ appUrl: url, ownerUrl: url })).rejects.toThrow(/GRANT alra_app TO "poor"/);
    await expect(prepareExternalDatabase({ appUrl: url.replace(':x@', ':y@'), ownerUrl: url })).rejects.toThrow(DatabaseUnreachable);
  });

  it('leaves nothing running when one of them fails', async () => {
    const failing = startEmbedded({
      dataDir: join(dir, 'data'),
      binDir: dir,
      external: {},
      progress: () => undefined,
      onLost: () => undefined,
      onBack: () => undefined,
    });

    await expect(failing).rejects.toThrow(ProgramMissing);
    await delay(50);
    await expect(embedded()).resolves.toBeDefined();
  });
});
