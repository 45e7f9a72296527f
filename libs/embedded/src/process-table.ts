import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Start time of a living process in clock ticks since boot; undefined when there is none (a zombie counts as none). */
export function processStart(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  // the second field is the program's name in brackets and may hold blanks and brackets itself
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || state === 'Z' || state === 'X' ? undefined : rest[18];
}

/** Whether one of the process's arguments is exactly `argument`. */
export function hasArgument(pid: number, argument: string): boolean {
  return readProc(`/proc/${pid}/cmdline`).split('\0').includes(argument);
}

/** Living processes of a program whose working directory is `dir`. */
export function processesIn(dir: string, program: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => workingDirectory(pid) === dir && readProc(`/proc/${pid}/comm`).trim() === program && processStart(pid) !== undefined);
}

/** Resolves to whether `condition` became true within the time. */
export async function becomesTrue(condition: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process is gone, which is the answer
  }
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // gone, or another user's, whose directory cannot be ours
  }
}
