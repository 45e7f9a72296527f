import { setTimeout as delay } from 'node:timers/promises';
import type { OnExit, Running } from './child.js';

const firstPauseMs = 100;
const longestPauseMs = 5_000;

export interface Supervision<Server extends Running> {
  /** Starts the server: for the first time, or after `previous` ended, where that one was. */
  readonly start: (previous: Server | undefined, onExit: OnExit) => Promise<Server>;
  readonly onLost: OnExit;
  readonly onBack: () => void;
}

/** A server that is started again, with growing pauses, whenever it ends unasked. */
export interface Supervised<Server extends Running> {
  /** The first one; a later one is where it was. */
  readonly server: Server;
  stop(): Promise<void>;
}

/** Starts a server and keeps it running. Throws what the first start throws. */
export async function supervise<Server extends Running>(supervision: Supervision<Server>): Promise<Supervised<Server>> {
  const stopped = new AbortController();
  let restarting: Promise<void> | undefined;
  const onExit: OnExit = (code, signal) => {
    // one that ends before it is ready is reported by its start
    if (stopped.signal.aborted || restarting !== undefined || current === undefined) return;
    supervision.onLost(code, signal);
    restarting = again().finally(() => (restarting = undefined));
  };
  let current: Server | undefined;
  const server = await supervision.start(undefined, onExit);
  current = server;

  async function again(): Promise<void> {
    for (let pause = firstPauseMs; !stopped.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      try {
        current = await supervision.start(current, onExit);
        supervision.onBack();
        return;
      } catch {
        // whatever keeps it down (a full disk, a port taken) may pass; the server's own log says what it is
        if (pause === longestPauseMs) supervision.onLost(null, null);
      }
    }
  }

  return {
    server,
    stop: async () => {
      stopped.abort();
      await restarting;
      await current?.stop();
    },
  };
}
