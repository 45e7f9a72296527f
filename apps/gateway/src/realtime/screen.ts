import type { WebSocket } from 'ws';
import type { ServerFrame } from '#contracts';
import type { RingEvent } from './event-ring.js';
import type { Admission } from './ticket.service.js';

/** Bytes that may wait for one slow client; above, it is cut off and comes back with its cursor. */
const MAX_WAITING_BYTES = 1_048_576;

/** Close codes of our own (4000-4999 are the application's, RFC 6455 section 7.4.2). */
export const CLOSE = { refused: 4401, expired: 4403, slow: 4408, silent: 4409, stopping: 1001 } as const;

/** One admitted client's socket. */
export class Screen {
  constructor(
    private readonly socket: WebSocket,
    readonly admission: Admission,
    /** events up to here are known to the client */
    private position: number,
  ) {}

  say(frame: ServerFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Sends an event the client does not have; a client that cannot keep up is cut off, never buffered for. */
  tell(event: RingEvent): boolean {
    if (event.seq <= this.position) return false;
    this.position = event.seq;
    if (this.socket.bufferedAmount > MAX_WAITING_BYTES) {
      this.close(CLOSE.slow, 'too slow: come back with your cursor');
      return false;
    }
    this.socket.send(event.frame);
    return true;
  }

  /** The stream is another one: whatever the client knows of positions is void. */
  restart(frame: ServerFrame, position: number): void {
    this.position = position;
    this.say(frame);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }
}
