import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type WebSocket, WebSocketServer } from 'ws';
import { ClientFrame } from '#contracts';
import { GATEWAY_SETTINGS, type GatewaySettings } from '../settings.js';
import { RealtimeHub } from './realtime.hub.js';
import { CLOSE, Screen } from './screen.js';
import { TicketService } from './ticket.service.js';

const HELLO_MS = 10_000;
const PING_MS = 25_000;
const MAX_SOCKETS = 10_000;
const MAX_FRAME_BYTES = 16_384;

/** The sockets on `/ws`: each must say hello with a ticket; after that it only listens. */
@Injectable()
export class RealtimeServer implements OnApplicationShutdown {
  readonly #log = new Logger(RealtimeServer.name);
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  readonly #alive = new WeakSet<WebSocket>();
  #pinging: NodeJS.Timeout | undefined;

  constructor(
    private readonly hub: RealtimeHub,
    private readonly tickets: TicketService,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  /** Takes the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#pinging = setInterval(() => this.#ping(), PING_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#pinging);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client));
  }

  #refusal(request: IncomingMessage): string | undefined {
    // what cannot be parsed leads nowhere either, and must not throw: this is nobody's request yet
    if (URL.parse(request.url ?? '/', 'http://localhost')?.pathname !== '/ws') return '404 Not Found';
    const { origin } = request.headers;
    // browsers say where a page comes from; programs do not, and have no cookies to be misused
    if (origin !== undefined && origin !== new URL(this.settings.publicUrl).origin) return '403 Forbidden';
    if (this.#sockets.clients.size >= MAX_SOCKETS) return '503 Service Unavailable';
    return undefined;
  }

  #welcome(client: WebSocket): void {
    this.#alive.add(client);
    client.on('pong', () => this.#alive.add(client));
    // ws closes by itself, with the code for what was wrong; to cut in here would keep that from the client
    client.on('error', () => undefined);
    const late = setTimeout(() => client.close(CLOSE.silent, 'no hello'), HELLO_MS);
    client.on('close', () => clearTimeout(late));
    client.once('message', (raw: Buffer) => {
      clearTimeout(late);
      this.#hello(client, raw).catch((error: unknown) => {
        this.#log.warn({ msg: 'a socket could not be let in', error: error instanceof Error ? error.name : 'unknown' });
        client.close(1011, 'try again');
      });
    });
  }

  async #hello(client: WebSocket, raw: Buffer): Promise<void> {
    const frame = readFrame(raw);
    const admission = frame && (await this.tickets.redeem(frame.ticket));
    if (!frame || !admission) {
      const detail = frame ? 'the ticket was used or has ended: get a new one' : 'say {"type":"hello","ticket":"…","cursor":"…"}';
      client.send(JSON.stringify({ type: 'error', code: frame ? 'ticket' : 'frame', detail }));
      client.close(CLOSE.refused, 'refused');
      return;
    }
    if (client.readyState !== client.OPEN) return;
    const screen = new Screen(client, admission, 0);
    const end = setTimeout(() => screen.close(CLOSE.expired, 'the token has ended: get a new ticket'), lifetime(admission.expires));
    client.on('close', () => {
      clearTimeout(end);
      this.hub.leave(screen);
    });
    client.on('message', () => screen.close(CLOSE.refused, 'nothing more to say'));
    this.hub.enter(screen, frame.cursor);
  }

  #ping(): void {
    for (const client of this.#sockets.clients) {
      if (!this.#alive.has(client)) {
        client.terminate();
        continue;
      }
      this.#alive.delete(client);
      client.ping();
    }
  }
}

function readFrame(raw: Buffer): ClientFrame | undefined {
  try {
    return ClientFrame.parse(JSON.parse(raw.toString()));
  } catch {
    return undefined;
  }
}

/** Milliseconds until a moment in seconds since 1970, within what a timer can hold. */
function lifetime(expires: number): number {
  return Math.min(Math.max(0, expires * 1_000 - Date.now()), 2 ** 31 - 1);
}
