import type { Running } from './run.js';
import { serveOps } from './ops-server.js';

interface Started {
  readonly env: { readonly OPS_PORT: number; readonly OPS_HOST: string };
  readonly running: Running;
}

/**
 * Runs one app as a process of its own: operations port, graceful stop on SIGTERM and SIGINT, one clear line when it cannot
 * start. `start` imports the app itself, for reading its environment may be what fails.
 */
export async function alone(start: () => Promise<Started>): Promise<void> {
  try {
    const { env, running } = await start();
    const server = await serveOps(env.OPS_PORT, env.OPS_HOST, () => running.checks);
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      server.close();
      running.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.stderr.write(`alra ${running.app} is running\n`);
  } catch (error) {
    process.stderr.write(`alra cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
