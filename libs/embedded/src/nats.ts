import { join, resolve } from 'node:path';
import type { Child, OnExit, Running } from './child.js';
import { onPort } from './ports.js';
import { privateDir, writePrivateFile } from './private-files.js';
import type { Secrets } from './secrets.js';
import { startReady } from './start-ready.js';
import { stopLeftover } from './stop-leftover.js';
import { answers } from './tcp.js';

export interface NatsOptions {
  readonly dataDir: string;
  readonly logFile: string;
  /** Path of nats-server, 2.12 or newer. */
  readonly binary: string;
  readonly secrets: Pick<Secrets, 'natsPassword' | 'natsStoreKey'>;
  readonly port?: number | undefined;
  readonly monitorPort?: number | undefined;
  /** What JetStream may keep: 8 GB in files and 256 MB in memory unless told. */
  readonly limits?: { readonly fileBytes?: number; readonly memoryBytes?: number };
  readonly onExit?: OnExit | undefined;
}

export interface Nats extends Running {
  readonly url: string;
  readonly monitorUrl: string;
}

const user = 'alra';

/** Starts nats-server with an encrypted JetStream store that has every acknowledged message on disk. */
export async function startNats(options: NatsOptions): Promise<Nats> {
  const dataDir = await privateDir(options.dataDir);
  const config = join(dataDir, 'nats.conf');
  await stopLeftover({ pidFile: join(dataDir, 'nats.pid'), argument: config, stopSignal: 'SIGTERM' });
  return onPort(options.port, (port) =>
    onPort(options.monitorPort, async (monitorPort) => {
      await writePrivateFile(config, natsConfig(options, { dataDir, port, monitorPort }));
      const child = await launch(options, config, port);
      const url = `nats://${user}:${options.secrets.natsPassword}@127.0.0.1:${port}`;
      return { url, monitorUrl: `http://127.0.0.1:${monitorPort}`, ...child.on(port) };
    }),
  );
}

function launch({ binary, logFile, secrets, onExit }: NatsOptions, config: string, port: number): Promise<Child> {
  const login = JSON.stringify({ verbose: false, user, pass: secrets.natsPassword });
  return startReady({
    name: 'nats-server',
    command: resolve(binary),
    args: ['-c', config],
    cwd: '/',
    logFile,
    stopSignal: 'SIGTERM',
    onExit,
    silentForMs: 120_000, // it opens no port before it has read its whole store
    probe: async () => ((await answers(port, `CONNECT ${login}\r\nPING\r\n`, 'PONG')) ? 'ready' : 'silent'),
  });
}

interface Place {
  readonly dataDir: string;
  readonly port: number;
  readonly monitorPort: number;
}

function natsConfig({ secrets, limits = {} }: NatsOptions, { dataDir, port, monitorPort }: Place): string {
  const { fileBytes = 8 * 1024 ** 3, memoryBytes = 256 * 1024 ** 2 } = limits;
  return `server_name: alra-local
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
max_payload: 8MB
pid_file: ${JSON.stringify(join(dataDir, 'nats.pid'))}
authorization { user: ${user}, password: "${secrets.natsPassword}" }
jetstream {
  store_dir: ${JSON.stringify(dataDir)}
  cipher: aes
  key: "${secrets.natsStoreKey}"
  sync_interval: always
  max_file_store: ${fileBytes}
  max_memory_store: ${memoryBytes}
}
`;
}
