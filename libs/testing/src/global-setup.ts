import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** the run's PostgreSQL: its superuser, its owner role, its app role; the database `alra` is the migrated template */
    postgres: { adminUrl: string; ownerUrl: string; appUrl: string };
  }
}

const source = (path: string) => new URL(path, import.meta.url).pathname;

/** One real PostgreSQL for a whole run, migrated once; each spec file copies the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Node itself loads this file, and `#db` would be the last build: through the project they are what is being tested
  const { migrate } = await project.import<typeof import('#db')>(source('../../db/src/index.ts'));
  const { createSecrets, startPostgres } = await project.import<typeof import('#embedded')>(source('../../embedded/src/index.ts'));
  const directory = await mkdtemp(join(tmpdir(), 'alra-test-'));
  // PostgreSQL may run as a user of its own, which must reach its directory
  await chmod(directory, 0o711);
  const logFile = join(directory, 'postgres.log');
  const postgres = await startPostgres({ dataDir: join(directory, 'postgres'), logFile, secrets: createSecrets(), fast: true });
  await migrate(postgres.ownerUrl, source('../../../prisma'));
  const { adminUrl, ownerUrl, appUrl } = postgres;
  project.provide('postgres', { adminUrl, ownerUrl, appUrl });
  return async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
