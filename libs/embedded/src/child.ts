import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ProgramMissing, StartFailed } from './errors.js';
import type { LogFile } from './log-file.js';

const stopWithinMs = 10_000;

/** Directories of system programs; a service's PATH often lacks the sbin ones. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Called when a program ends that nobody asked to stop. */
export type OnExit = (code: number | null, signal: NodeJS.Signals | null) => void;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly log: LogFile;
  readonly stopSignal: NodeJS.Signals;
  readonly onExit?: OnExit | undefined;
}

/** A server program at work, as its user sees it. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** Ends it gracefully; after 10 s by force. */
  stop(): Promise<void>;
  /** Sends a signal, as a fault would: its end is reported through onExit. */
  kill(signal: NodeJS.Signals): void;
}

/** One server program that this process started. */
export class Child {
  readonly exited: Promise<void>;
  #asked = false;

  private constructor(
    readonly options: ChildOptions,
    readonly process: ChildProcess,
    readonly pid: number,
  ) {
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        if (!this.#asked) options.onExit?.(code, signal);
        resolve();
      });
    });
  }

  static async start(options: ChildOptions): Promise<Child> {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      ...options.user,
      env: { PATH: systemPath, LC_ALL: 'C' }, // none of our own variables, which hold secrets
      detached: true, // its own process group: Ctrl-C reaches only us
      stdio: ['ignore', options.log.fd, options.log.fd],
    });
    const pid = await spawned(child, options);
    return new Child(options, child, pid);
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  on(port: number): Running {
    return { port, pid: this.pid, stop: () => this.stop(), kill: (signal) => this.kill(signal) };
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async stop(): Promise<void> {
    this.#asked = true;
    if (!this.running) return;
    this.kill(this.options.stopSignal);
    const timeout = new AbortController();
    const late = delay(stopWithinMs, undefined, { signal: timeout.signal }).then(
      () => this.kill('SIGKILL'),
      () => undefined, // aborted: it ended in time
    );
    await this.exited;
    timeout.abort();
    await late;
  }
}

function spawned(child: ChildProcess, { name, command }: ChildOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' || error.code === 'EACCES';
      reject(
        missing
          ? new ProgramMissing(name, `there is no program ${command} to run`, error)
          : new StartFailed(name, error.message, [], error),
      );
    });
  });
}
