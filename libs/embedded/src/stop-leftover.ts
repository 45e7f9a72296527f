import { readFile } from 'node:fs/promises';
import { DataDirBroken } from './errors.js';
import { becomesTrue, hasArgument, processStart } from './process-table.js';

export interface Leftover {
  readonly pidFile: string;
  /** An argument that only a process of this data directory was started with. */
  readonly argument: string;
  readonly stopSignal: NodeJS.Signals;
}

/** Stops the program that a killed parent left behind on the same data; one that only reuses its pid is left alone. */
export async function stopLeftover({ pidFile, argument, stopSignal }: Leftover): Promise<void> {
  const pid = await readPid(pidFile);
  if (pid === undefined || !hasArgument(pid, argument)) return;
  const gone = (): boolean => processStart(pid) === undefined;
  signal(pid, stopSignal, argument);
  if (await becomesTrue(gone, 10_000)) return;
  signal(pid, 'SIGKILL', argument);
  if (!(await becomesTrue(gone, 10_000))) throw new DataDirBroken(argument, `process ${pid} uses it and cannot be stopped`);
}

async function readPid(path: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new DataDirBroken(path, 'cannot be read: check its owner and permissions, or start Alra as its owner', error);
  }
}

function signal(pid: number, name: NodeJS.Signals, path: string): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return; // it ended by itself meanwhile
    throw new DataDirBroken(path, `process ${pid} of another user still uses it: stop it first`, error);
  }
}
