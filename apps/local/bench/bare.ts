import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { createSecrets, freePort, type Nats, type Postgres, startNats, startPostgres } from '#embedded';
import { Arrivals, drive, type Outcome, textWebhook } from './load.js';

const ROOT = process.cwd();
const SENDERS = 500;

/** The bare chain in a process of its own, on servers of its own with the product's settings. */
export class Bare {
  #arrivals = new Arrivals();

  private constructor(
    private readonly parts: { child: ChildProcess; postgres: Postgres; nats: Nats; directory: string; url: string; socket: WebSocket },
  ) {
    parts.socket.on('message', (raw: Buffer) => {
      for (const id of JSON.parse(raw.toString()) as string[]) this.#arrivals.arrived(id);
    });
  }

  static async start(): Promise<Bare> {
    const directory = await mkdtemp(join(tmpdir(), 'alra-bare-'));
    await chmod(directory, 0o711);
    const secrets = createSecrets();
    const log = (name: string) => join(directory, `${name}.log`);
    const [postgres, nats] = await Promise.all([
      startPostgres({ dataDir: join(directory, 'postgres'), logFile: log('postgres'), secrets }),
      startNats({ dataDir: join(directory, 'nats'), logFile: log('nats'), binary: join(ROOT, '.data/bin/nats-server'), secrets }),
    ]);
    const port = await freePort();
    const program = join(import.meta.dirname, 'bare-chain.js');
    const child = spawn(process.execPath, [program, String(port), postgres.ownerUrl, nats.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout) await once(child.stdout, 'data');
    const url = `http://127.0.0.1:${port}`;
    const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    await once(socket, 'open');
    return new Bare({ child, postgres, nats, directory, url, socket });
  }

  async run(options: { count: number; perSecond: number; connections: number }): Promise<Outcome> {
    this.#arrivals = new Arrivals();
    const run = randomUUID().slice(0, 8);
    const request = (index: number) => {
      const id = `wamid.${run}.${index}`;
      return { id, body: textWebhook('5511999990000', id, index % SENDERS), headers: { 'content-type': 'application/json' } };
    };
    return drive({ url: this.parts.url, path: '/', request }, this.#arrivals, options);
  }

  async stop(): Promise<void> {
    const { child, postgres, nats, directory, socket } = this.parts;
    socket.terminate();
    child.kill('SIGKILL');
    await Promise.all([postgres.stop(), nats.stop()]);
    await rm(directory, { recursive: true, force: true });
  }
}
