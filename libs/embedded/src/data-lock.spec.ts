import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from './data-lock.js';
import { AlreadyRunning } from './errors.js';
import { processStart } from './process-table.js';

let dir = '';

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'alra-data-')));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe(lockDataDir.name, () => {
  it('lets a second one in only after the first released it', async () => {
    const lock = await lockDataDir(dir);

    await expect(lockDataDir(dir)).rejects.toThrow(AlreadyRunning);
    await lock.release();
    await expect(lockDataDir(dir)).resolves.toBeDefined();
  });

  it('names the process of another Alra', async () => {
    const other = spawn('sleep', ['60']);
    await lockDataDir(dir);
    await rm(join(dir, 'lock', `${process.pid}-${processStart(process.pid)}`));
    await writeFile(join(dir, 'lock', `${other.pid}-${processStart(other.pid ?? 0)}`), '');

    await expect(lockDataDir(dir)).rejects.toThrow(`already running in ${dir} (process ${other.pid})`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await expect(lockDataDir(dir)).resolves.toBeDefined();
  });

  it('takes over from a dead process, also when its pid is in use again', async () => {
    const lock = await lockDataDir(dir);
    await lock.release();
    await writeFile(join(dir, 'lock', '4194304-17'), '');
    await writeFile(join(dir, 'lock', `${process.ppid}-17`), '');

    await expect(lockDataDir(dir)).resolves.toBeDefined();
  });
});
