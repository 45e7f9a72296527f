import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Every living process that works in or was started for a directory. */
export function processesOf(directory: string): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .map((pid) => ({ pid, argv: read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0') }))
    .filter(({ pid, argv }) => {
      const folder = read(() => readlinkSync(`/proc/${pid}/cwd`));
      return argv.some((argument) => argument.startsWith(directory)) || folder.startsWith(directory);
    });
}

/** The server programs started for a data directory, by name; PostgreSQL's own children do not count. */
export function serversOf(dataDir: string): Record<'postgres' | 'nats' | 'redis', number[]> {
  const started = (argument: string) =>
    processesOf(dataDir)
      .filter(({ argv }) => argv.includes(argument))
      .map(({ pid }) => pid);
  return {
    postgres: started(`${dataDir}/postgres`),
    nats: started(`${dataDir}/nats/nats.conf`),
    redis: started(`${dataDir}/redis/redis.conf`),
  };
}

/** Ends whatever a killed system left behind in its own data directory. */
export function endProcessesOf(dataDir: string): void {
  for (const { pid } of processesOf(dataDir)) read(() => String(process.kill(pid, 'SIGKILL')));
}

/** A process may be gone by the time it is looked at, which is the answer. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
