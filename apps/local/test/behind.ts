import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { INSTALLATION } from '#contracts';
import { FileKeyStore } from '#crypto';
import { query, type SharedSystem } from '#testing';

type Data = Pick<SharedSystem, 'dataDir'>;

/** What a system's apps are started with. */
export async function environmentOf({ dataDir }: Data): Promise<Record<string, string>> {
  return z.record(z.string(), z.string()).parse(parseEnv(await readFile(join(dataDir, 'app.env'), 'utf8')));
}

/** SQL as the superuser, whom row-level security does not bind: what is really in the database. */
export async function askDatabase<R>(system: Data, statement: string, values: unknown[] = []): Promise<R[]> {
  const { DATABASE_URL } = await environmentOf(system);
  const secrets = z
    .object({ postgresAdminPassword: z.string() })
    .parse(JSON.parse(await readFile(join(system.dataDir, 'secrets.json'), 'utf8')));
  const url = new URL(DATABASE_URL ?? '');
  url.username = 'alra_admin';
  url.password = secrets.postgresAdminPassword;
  return query<R>(url.href, statement, values);
}

/** The system's private signing key, as nobody outside should ever have it. */
export async function signingKeyOf(system: Data): Promise<Record<string, string>> {
  const { KEYS_DIR, MASTER_KEY_FILE } = await environmentOf(system);
  const keys = await (await FileKeyStore.open(KEYS_DIR ?? '', MASTER_KEY_FILE ?? '')).of(INSTALLATION);
  const [row] = await askDatabase<{ kid: string; jwk: Buffer }>(system, 'select kid, jwk from signing_keys');
  if (!row) throw new Error('the system has no signing key');
  return z.record(z.string(), z.string()).parse(JSON.parse(keys.open(row.kid, 'jwk', row.jwk)));
}
