import { mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirBroken } from './errors.js';
import { createSecrets, loadSecrets } from './secrets.js';

let dir = '';

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'alra-data-')));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe(loadSecrets.name, () => {
  it('makes them once, for the owner alone', async () => {
    const first = await loadSecrets(dir);

    expect(await loadSecrets(dir)).toEqual(first);
    expect(Buffer.from(first.masterKey, 'base64')).toHaveLength(32);
    expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('never makes new ones over a broken file or beside data', async () => {
    await writeFile(join(dir, 'secrets.json'), '{"masterKey": "abc');
    await expect(loadSecrets(dir)).rejects.toThrow(/secrets.json: is not JSON/);
    await writeFile(join(dir, 'secrets.json'), JSON.stringify({ ...createSecrets(), masterKey: 'abc' }));
    await expect(loadSecrets(dir)).rejects.toThrow(DataDirBroken);
    await writeFile(join(dir, 'secrets.json'), 'null');
    await expect(loadSecrets(dir)).rejects.toThrow(DataDirBroken);

    await rm(join(dir, 'secrets.json'));
    await mkdir(join(dir, 'postgres'));
    await writeFile(join(dir, 'postgres', 'PG_VERSION'), '18');
    await expect(loadSecrets(dir)).rejects.toThrow(/is missing, but .*postgres holds data/);
  });

  it('makes them beside what holds no data', async () => {
    for (const name of ['bin', 'logs', 'lock', 'postgres']) await mkdir(join(dir, name));
    await writeFile(join(dir, 'bin', 'nats-server'), '');

    await expect(loadSecrets(dir)).resolves.toBeDefined();
  });
});
