import { connect } from 'node:net';

/** Sends `text` to a local port and resolves to whether the answer came to hold `wanted`. */
export function answers(port: number, text: string, wanted: string): Promise<boolean> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.includes(wanted)) end(true);
    });
  });
}
