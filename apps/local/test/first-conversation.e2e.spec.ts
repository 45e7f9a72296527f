import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '#testing';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** The block a newcomer pastes, as the README has it. */
async function readmeScript(name: string): Promise<string> {
  const text = await readFile(join(ROOT, name), 'utf8');
  const block = /^```bash\n([\s\S]*?)^```$/m.exec(text)?.[1];
  if (block === undefined) throw new Error(`${name} has no bash block`);
  return block;
}

/** Not every machine that runs the tests has curl; a newcomer who pastes it has. */
async function pathWithCurl(folder: string): Promise<string> {
  const path = process.env['PATH'] ?? '';
  const hasCurl = path.split(delimiter).some((directory) => {
    try {
      execFileSync(join(directory, 'curl'), ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  if (hasCurl) return path;
  const program = join(ROOT, 'apps/local/test/curl.mjs');
  await chmod(program, 0o755);
  await symlink(program, join(folder, 'curl'));
  return `${folder}${delimiter}${path}`;
}

describe('the first conversation, pasted from the README', () => {
  const system = sharedSystem();
  let folder: string;

  beforeAll(async () => {
    // the script reads .data/credentials.json of the folder it is pasted in
    folder = await mkdtemp(join(tmpdir(), 'alra-newcomer-'));
    await symlink(system.dataDir, join(folder, '.data'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await mkdir(join(folder, 'bin'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['README.md', 'README.pt-BR.md'])(
    'of %s goes from the question to the suggestion and from the reply to the customer',
    async (name) => {
      const script = (await readmeScript(name)).replace('http://localhost:8080', system.url);

      const { stdout } = await promisify(execFile)('bash', ['-c', script], {
        cwd: folder,
        env: { ...process.env, PATH: await pathWithCurl(join(folder, 'bin')) },
      });

      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).toMatch(/: price_question neutral lead score \d+$/);
      const suggestion = /^\S+ 1: (.*Marina.*)$/.exec(lines[1] ?? '')?.[1];
      expect(suggestion).toBeDefined();
      expect(lines.at(-2)).toMatch(/^\S+: \S/);
      expect(lines.at(-1)?.endsWith(`: ${suggestion}`)).toBe(true);
    },
  );
});
