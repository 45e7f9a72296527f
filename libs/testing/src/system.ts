import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from '#embedded';

// npm scripts and Vitest run in the repository's root; this file may have been built to another depth
const ROOT = process.cwd();
const PROGRAM = join(ROOT, 'dist', 'apps', 'local', 'src', 'main.js');
const READY_MS = 60_000;

const Client = z.object({ client_id: z.string(), client_secret: z.string() });
const Credentials = Client.extend({ url: z.string(), token_endpoint: z.string(), organisation: Client.extend({ id: z.string() }) });
/** What the first start leaves for the operator. */
export type Credentials = z.infer<typeof Credentials>;

export interface SystemOptions {
  /** kept when the system stops; a new temporary directory when absent */
  readonly dataDir?: string;
  readonly env?: Record<string, string>;
  /** arguments for Node, such as `--import` of a module that injects a fault */
  readonly nodeArguments?: readonly string[];
}

/** The built product in a process of its own, as `npm start` runs it. */
export interface System {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  readonly credentials: Credentials;
  /** everything it printed so far */
  readonly output: () => string;
  /** kills the process without warning; the servers it started stay behind, as after a real crash */
  kill(): Promise<void>;
  /** Ctrl-C */
  stop(): Promise<void>;
  /** resolves with the exit code or signal when the process has ended */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** starts the product again on the same data and port */
  restart(options?: Pick<SystemOptions, 'env' | 'nodeArguments'>): Promise<System>;
  /** removes the data */
  remove(): Promise<void>;
}

/** Starts the built product and waits until it is ready. Throws with its output when it is not within a minute. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'alra-system-')));
  return launch(dataDir, await freePort(), options);
}

async function launch(dataDir: string, port: number, options: Pick<SystemOptions, 'env' | 'nodeArguments'>): Promise<System> {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), PROGRAM, '--port', String(port), '--data', dataDir], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const read = collect(child);
  const ended = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals));
  await untilReady(child, read, ended);
  const credentials = Credentials.parse(JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8')));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    url: `http://localhost:${port}`,
    port,
    dataDir,
    pid: child.pid ?? 0,
    credentials,
    output: read,
    ended,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    restart: (again = {}) => launch(dataDir, port, again),
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

function collect(child: ChildProcess): () => string {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return () => chunks.join('');
}

async function untilReady(child: ChildProcess, read: () => string, ended: Promise<unknown>): Promise<void> {
  const deadline = performance.now() + READY_MS;
  let over = false;
  void ended.then(() => (over = true));
  while (!read().includes('Alra is ready')) {
    if (over) throw new Error(`the system ended before it was ready:\n${read()}`);
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the system was not ready within ${READY_MS / 1_000} s:\n${read()}`);
    }
    await sleep(25);
  }
}
