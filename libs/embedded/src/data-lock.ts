import { randomInt } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AlreadyRunning } from './errors.js';
import { privateDir } from './private-files.js';
import { processStart } from './process-table.js';

const attempts = 4;

/** The sole right to work in a data directory, until released or until this process ends. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a data directory or throws AlreadyRunning.
 * Every contender first makes a claim `<pid>-<start time>` and then looks for others: of two at the same moment both
 * see each other and step back, so there are never two holders, and a dead one's claim can be removed by anybody.
 */
export async function lockDataDir(dir: string): Promise<DataLock> {
  const claims = await privateDir(join(dir, 'lock'));
  for (let attempt = 1; ; attempt++) {
    const own = await claim(claims, dir);
    const other = await livingClaim(claims, own);
    if (other === undefined) return { release: () => rm(join(claims, own), { force: true }) };
    await rm(join(claims, own), { force: true });
    if (attempt === attempts) throw new AlreadyRunning(other, resolve(dir));
    await delay(randomInt(20, 150));
  }
}

async function claim(claims: string, dir: string): Promise<string> {
  const own = `${process.pid}-${processStart(process.pid)}`;
  try {
    await writeFile(join(claims, own), '', { flag: 'wx', mode: 0o600 });
    return own;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new AlreadyRunning(process.pid, resolve(dir));
    throw error;
  }
}

async function livingClaim(claims: string, own: string): Promise<number | undefined> {
  for (const name of await readdir(claims)) {
    if (name === own) continue;
    const [pid, start = ''] = name.split('-');
    if (processStart(Number(pid)) === start) return Number(pid);
    await rm(join(claims, name), { force: true });
  }
  return undefined;
}
