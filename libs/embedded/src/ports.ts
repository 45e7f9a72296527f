import { createServer } from 'node:net';
import { PortInUse, StartFailed } from './errors.js';

const attempts = 3;

/** A TCP port on 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return bind(0);
}

/** Runs `start` on the wanted port, or on a free one, again when somebody else was faster to take that. */
export async function onPort<T>(wanted: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (wanted !== undefined) {
    await bind(wanted);
    return start(wanted);
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await start(port);
    } catch (error) {
      if (attempt === attempts || (!wasTaken(error) && (await isFree(port)))) throw error;
    }
  }
}

/** Whoever took the port may have let go of it since (a connection of somebody's lives shortly); the program's last words tell. */
function wasTaken(error: unknown): boolean {
  return error instanceof StartFailed && error.logLines.some((line) => /address already in use/i.test(line));
}

async function isFree(port: number): Promise<boolean> {
  try {
    await bind(port);
    return true;
  } catch (error) {
    if (error instanceof PortInUse) return false;
    throw error;
  }
}

function bind(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortInUse(wanted, error) : error));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}
