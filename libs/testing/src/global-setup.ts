import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '#db';
import { createSecrets, startPostgres } from '#embedded';

declare module 'vitest' {
  interface ProvidedContext {
    /** the run's PostgreSQL: its superuser, its owner role, its app role; the database `alra` is the migrated template */
    postgres: { adminUrl: string; ownerUrl: string; appUrl: string };
  }
}

/** One real PostgreSQL for a whole run, migrated once; each spec file copies the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'alra-test-'));
  // PostgreSQL may run as a user of its own, which must reach its directory
  await chmod(directory, 0o711);
  const logFile = join(directory, 'postgres.log');
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres'), logFile, secrets: createSecrets(), fast: true });
  await migrate(postgres.ownerUrl, new URL('../../../prisma', import.meta.url).pathname);
  const { adminUrl, ownerUrl, appUrl } = postgres;
  project.provide('postgres', { adminUrl, ownerUrl, appUrl });
  return async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
