import { join, resolve } from 'node:path';
import type { OnExit, Running } from './child.js';
import { onPort } from './ports.js';
import { privateDir, writePrivateFile } from './private-files.js';
import type { Secrets } from './secrets.js';
import { startReady } from './start-ready.js';
import { stopLeftover } from './stop-leftover.js';
import { answers } from './tcp.js';

export interface RedisOptions {
  readonly dataDir: string;
  readonly logFile: string;
  /** Path of redis-server. */
  readonly binary: string;
  readonly secrets: Pick<Secrets, 'redisPassword'>;
  readonly port?: number | undefined;
  readonly onExit?: OnExit | undefined;
}

export interface Redis extends Running {
  readonly url: string;
}

/** Starts a Redis that keeps nothing on disk: it is never the truth. */
export async function startRedis({ secrets, ...options }: RedisOptions): Promise<Redis> {
  const dataDir = await privateDir(options.dataDir);
  const config = join(dataDir, 'redis.conf');
  const password = secrets.redisPassword;
  await stopLeftover({ pidFile: join(dataDir, 'redis.pid'), argument: config, stopSignal: 'SIGTERM' });
  return onPort(options.port, async (port) => {
    await writePrivateFile(config, redisConfig(dataDir, port, password));
    const child = await startReady({
      name: 'redis-server',
      command: resolve(options.binary),
      args: [config],
      cwd: '/',
      logFile: options.logFile,
      stopSignal: 'SIGTERM',
      onExit: options.onExit,
      probe: async () => ((await answers(port, `AUTH ${password}\r\nPING\r\n`, '+PONG')) ? 'ready' : 'silent'),
    });
    return { url: `redis://:${password}@127.0.0.1:${port}`, ...child.on(port) };
  });
}

function redisConfig(dataDir: string, port: number, password: string): string {
  return `bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${JSON.stringify(dataDir)}
pidfile ${JSON.stringify(join(dataDir, 'redis.pid'))}
set-proc-title no
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
`;
}
