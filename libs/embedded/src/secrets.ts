import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirBroken } from './errors.js';
import { writePrivateFile } from './private-files.js';

/** Everything secret of one installation; without it its data cannot be opened. */
export interface Secrets {
  readonly postgresAdminPassword: string;
  readonly postgresOwnerPassword: string;
  readonly postgresLoginPassword: string;
  readonly natsPassword: string;
  readonly natsStoreKey: string;
  readonly redisPassword: string;
  /** 32 bytes in base64. */
  readonly masterKey: string;
}

// what may stand in a data directory before its secrets exist
const harmless = new Set(['bin', 'lock', 'logs', 'redis', 'lost+found']);

/** New random secrets, written nowhere. */
export function createSecrets(): Secrets {
  return {
    postgresAdminPassword: password(),
    postgresOwnerPassword: password(),
    postgresLoginPassword: password(),
    natsPassword: password(),
    natsStoreKey: password(),
    redisPassword: password(),
    masterKey: randomBytes(32).toString('base64'),
  };
}

/** Reads the secrets of a data directory; makes them when the directory holds no data yet, and only then. */
export async function loadSecrets(dir: string): Promise<Secrets> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'secrets.json');
  const text = await readIfPresent(path);
  if (text !== undefined) return parse(path, text);
  const data = await dataIn(dir);
  if (data !== undefined) {
    throw new DataDirBroken(
      path,
      `is missing, but ${data} holds data made with it: put the file back from a backup or choose another directory with --data`,
    );
  }
  const secrets = createSecrets();
  await writePrivateFile(path, `${JSON.stringify(secrets, undefined, 2)}\n`);
  return secrets;
}

function password(): string {
  return randomBytes(32).toString('hex'); // hex needs no escaping in URLs, configuration files and SQL
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new DataDirBroken(path, 'cannot be read: check its owner and permissions', error);
  }
}

function parse(path: string, text: string): Secrets {
  const wanted = createSecrets();
  const found = parseJson(path, text);
  for (const name of Object.keys(wanted)) {
    if (typeof found[name] !== 'string' || found[name] === '') throw broken(path, `has no "${name}"`);
  }
  if (Buffer.from(String(found['masterKey']), 'base64').length !== 32) throw broken(path, 'has a "masterKey" that is not 32 bytes');
  return { ...wanted, ...found };
}

function parseJson(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch (error) {
    throw broken(path, 'is not JSON', error);
  }
}

function broken(path: string, problem: string, cause?: unknown): DataDirBroken {
  return new DataDirBroken(path, `${problem}: put the file back from a backup; without it the data cannot be opened`, cause);
}

async function dataIn(dir: string): Promise<string | undefined> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (harmless.has(entry.name) || entry.name.startsWith('.') || entry.name.endsWith('.tmp')) continue;
    const path = join(dir, entry.name);
    if (!entry.isDirectory() || (await readdir(path)).length > 0) return path;
  }
  return undefined;
}
