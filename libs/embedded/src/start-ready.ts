import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.js';
import type { ChildOptions } from './child.js';
import { StartFailed } from './errors.js';
import { openLog } from './log-file.js';
import type { LogFile } from './log-file.js';

/** `busy`: it answers that it is still recovering, so it may take as long as it needs. */
export type Answer = 'ready' | 'busy' | 'silent';

export interface ReadyOptions extends Omit<ChildOptions, 'log'> {
  readonly logFile: string;
  readonly probe: () => Promise<Answer>;
  /** How long it may stay silent; 30 s unless told. */
  readonly silentForMs?: number;
}

/** Starts a program and waits until it does its work; one that never does is stopped again. */
export async function startReady(options: ReadyOptions): Promise<Child> {
  const log = openLog(options.logFile);
  try {
    return await startAndProbe(options, log);
  } finally {
    log.close(); // the child has its own copy
  }
}

async function startAndProbe(options: ReadyOptions, log: LogFile): Promise<Child> {
  let ready = false;
  const onExit: ChildOptions['onExit'] = (code, signal) => {
    if (ready) options.onExit?.(code, signal);
  };
  const child = await Child.start({ ...options, log, onExit });
  try {
    await untilReady(child, options, log);
    ready = true;
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function untilReady(child: Child, { name, probe, silentForMs = 30_000 }: ReadyOptions, log: LogFile): Promise<void> {
  let deadline = Date.now() + silentForMs;
  while (child.running) {
    const answer = await probe();
    if (answer === 'ready' && child.running) return;
    if (answer === 'busy') deadline = Date.now() + silentForMs;
    if (Date.now() > deadline) throw new StartFailed(name, `no answer within ${silentForMs / 1000} s`, log.lastLines());
    await delay(25);
  }
  throw new StartFailed(name, 'it ended at once', log.lastLines());
}
