import WebSocket from 'ws';
import { z } from 'zod';
import { type RealtimeName, ServerFrame } from '#contracts';
import type { Api } from './api.js';

type EventFrame = Extract<ServerFrame, { type: 'event' }>;

/** An agent's screen: opens the socket, remembers every frame, and knows where it stands. */
export class ScreenClient {
  readonly frames: ServerFrame[] = [];
  /** why the server closed the socket */
  closed: { code: number; reason: string } | undefined;
  #wake = new Set<() => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (raw: Buffer) => {
      this.frames.push(ServerFrame.parse(JSON.parse(raw.toString())));
      for (const wake of this.#wake) wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      for (const wake of this.#wake) wake();
    });
    socket.on('error', () => undefined);
  }

  /** Opens the socket with a new ticket and waits for the first frame. */
  static async open(api: Api, cursor?: string): Promise<ScreenClient> {
    const { ticket } = await api.call(z.object({ ticket: z.string() }), 'POST', '/v1/realtime/tickets');
    const screen = await ScreenClient.raw(api.url, { type: 'hello', ticket, ...(cursor === undefined ? {} : { cursor }) });
    await screen.until(() => screen.frames.length > 0);
    return screen;
  }

  /** Opens the socket and says `hello` as given; whatever comes of it is in `frames` and `closed`. */
  static async raw(url: string, hello: unknown, headers: Record<string, string> = {}): Promise<ScreenClient> {
    const screen = await ScreenClient.mute(url, '/ws', headers);
    screen.send(typeof hello === 'string' ? hello : JSON.stringify(hello));
    return screen;
  }

  /** Opens the socket and says nothing. Throws when the server does not let it be opened. */
  static async mute(url: string, path = '/ws', headers: Record<string, string> = {}): Promise<ScreenClient> {
    const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
    const screen = new ScreenClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return screen;
  }

  events(name?: RealtimeName): EventFrame[] {
    const events = this.frames.filter((frame): frame is EventFrame => frame.type === 'event');
    return name === undefined ? events : events.filter((event) => event.name === name);
  }

  /** The cursor of the last frame that had one. */
  get cursor(): string {
    const last = this.frames.findLast((frame) => frame.type !== 'error');
    return last && 'cursor' in last ? last.cursor : '';
  }

  /** Resolves when the condition holds; looks whenever something came. Throws after `ms`. */
  async until(condition: () => boolean, ms = 15_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const wake = () => {
        if (!condition()) return;
        clearTimeout(late);
        this.#wake.delete(wake);
        resolve();
      };
      const late = setTimeout(() => {
        this.#wake.delete(wake);
        reject(new Error(`not within ${ms} ms; the socket had ${this.frames.length} frames, closed: ${JSON.stringify(this.closed)}`));
      }, ms);
      this.#wake.add(wake);
    });
  }

  /** Sends a frame, or with `fin: false` a piece of one. */
  send(data: string | Buffer, options: { fin?: boolean } = {}): void {
    this.socket.send(data, options);
  }

  /** Stops reading: what the server sends stays in the kernels' buffers, then in the server's. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.socket.resume();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.socket.terminate();
  }
}
