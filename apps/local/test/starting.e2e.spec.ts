import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '#embedded';
import { firstMember, send, startSystem, type System } from '#testing';
import { endProcessesOf, processesOf, serversOf } from './processes.js';
import { runToEnd } from './program.js';

/** What every file holds, as a hash. */
async function contentOf(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = await Promise.all(
    files.map(
      async (file) =>
        [
          file,
          createHash('sha256')
            .update(await readFile(file))
            .digest('hex'),
        ] as const,
    ),
  );
  return Object.fromEntries(hashes);
}

describe('starting and stopping', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system?.stop();
    endProcessesOf(system?.dataDir);
    await system?.remove();
  });

  const start = (port: number, dataDir: string) => runToEnd('local', ['--port', String(port), '--data', dataDir]);

  it('on the data of a running system is refused in one line', async () => {
    const servers = serversOf(system.dataDir);

    const second = await start(await freePort(), system.dataDir);

    expect(second).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^alra cannot start: Alra is already running in .*\n$/) });
    expect(serversOf(system.dataDir)).toEqual(servers);
    expect((await send(`${system.url}/readyz`, 'GET')).status).toBe(200);
  });

  it('on a port in use is refused in one line, and makes nothing', async () => {
    const elsewhere = `${system.dataDir}-elsewhere`;

    const second = await start(system.port, elsewhere);

    expect(second).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^alra cannot start: Port \d+ .*in use.*\n$/) });
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('after kill -9 leaves one server of each kind', async () => {
    await system.kill();
    const left = serversOf(system.dataDir);

    system = await system.restart();

    const now = serversOf(system.dataDir);
    for (const name of ['postgres', 'nats', 'redis'] as const) {
      expect([name, left[name].length, now[name].length]).toEqual([name, 1, 1]);
      expect(now[name]).not.toEqual(left[name]);
    }
  });

  it('by Ctrl-C ends with 0 and leaves no process behind', async () => {
    expect(processesOf(system.dataDir).length).toBeGreaterThan(3);

    await system.stop();

    expect(await system.ended).toBe(0);
    expect(processesOf(system.dataDir)).toEqual([]);
  });

  it('with a truncated secrets.json is refused in one line, and overwrites nothing', async () => {
    const path = join(system.dataDir, 'secrets.json');
    const whole = await readFile(path);
    await truncate(path, Math.floor(whole.length / 2));
    const before = await contentOf(system.dataDir);

    const next = await start(system.port, system.dataDir);

    expect(next).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^alra cannot start: .*secrets\.json: .*backup.*\n$/) });
    expect(await contentOf(system.dataDir)).toEqual(before);
    await writeFile(path, whole);
    system = await system.restart();
    expect((await firstMember(system)).organisationId).toBe(system.credentials.organisation.id);
  });
});
