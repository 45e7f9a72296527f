import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built program to its end, as `npm start` does. */
export function runToEnd(app: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const program = join(process.cwd(), 'dist', 'apps', app, 'src', 'main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, ...args],
      { env, timeout: 30_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr });
      },
    );
  });
}
