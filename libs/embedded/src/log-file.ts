import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const keptBytes = 20 * 1024 * 1024;

/** A program's log, opened for appending; a large one is set aside as `<file>.1` first. */
export interface LogFile {
  readonly fd: number;
  /** The last lines written since it was opened. */
  lastLines(count?: number): readonly string[];
  close(): void;
}

export function openLog(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > keptBytes) renameSync(path, `${path}.1`);
  const fd = openSync(path, 'a', 0o600);
  const start = fstatSync(fd).size;
  return {
    fd,
    lastLines: (count = 5) => readFileSync(path).subarray(start).toString('utf8').trim().split('\n').slice(-count),
    close: () => closeSync(fd),
  };
}
