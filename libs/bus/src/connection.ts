import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { BusAway } from './errors.js';
import { ensureTopology } from './topology.js';

export interface ConnectionOptions {
  readonly url: string;
  /** shown in the broker's connection list */
  readonly app: string;
}

/** One app's connection to NATS: never gives up, and restores the streams a restarted broker lost (REALTIME lives in memory). */
export class BusConnection {
  #reconnected: (() => void)[] = [];
  #up = true;

  private constructor(
    readonly nats: NatsConnection,
    readonly jetstream: JetStreamClient,
    readonly manager: JetStreamManager,
  ) {
    void this.#watch();
  }

  /** Connects and makes the streams. Throws BusAway when no broker answers within ten seconds. */
  static async open(options: ConnectionOptions): Promise<BusConnection> {
    try {
      const { servers, user, pass } = partsOf(options.url);
      const nats = await connect({
        servers,
        ...(user === undefined ? {} : { user }),
        ...(pass === undefined ? {} : { pass }),
        name: `alra-${options.app}`,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 250,
        timeout: 10_000,
        pingInterval: 10_000,
        maxPingOut: 2,
        // a stack trace per request, kept for the case that it fails, costs more than the request
        noAsyncTraces: true,
      });
      const manager = await jetstreamManager(nats, { timeout: 5_000 });
      await ensureTopology(manager);
      return new BusConnection(nats, jetstream(nats, { timeout: 5_000 }), manager);
    } catch (cause) {
      throw new BusAway(`NATS does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /** False while the connection is down: nothing may be handed to it then, for it would be buffered without bound. */
  get up(): boolean {
    return this.#up && !this.nats.isClosed();
  }

  /** Calls back after every reconnect, when the streams are there again. */
  onReconnected(listener: () => void): void {
    this.#reconnected.push(listener);
  }

  /** Resolves when JetStream answers. Throws when it does not. */
  async ping(): Promise<void> {
    if (!this.up) throw new BusAway('not connected to NATS');
    await this.manager.getAccountInfo();
  }

  async drain(): Promise<void> {
    if (this.nats.isClosed()) return;
    // a broker that is away cannot be drained to; closing is all that is left
    await (this.up ? this.nats.drain() : this.nats.close()).catch(() => undefined);
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.#up = false;
      // not awaited: the connection may go again meanwhile, and that must be seen at once
      if (status.type === 'reconnect') void this.#restored();
    }
  }

  async #restored(): Promise<void> {
    this.#up = true;
    for (let attempt = 1; attempt <= 20 && this.up; attempt += 1) {
      try {
        await ensureTopology(this.manager);
        break;
      } catch {
        // JetStream needs a moment after the broker accepts connections; readiness shows it meanwhile
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    for (const listener of this.#reconnected) listener();
  }
}

/** Splits credentials off the URL: the client wants them apart, and they must not show up in its messages. */
function partsOf(url: string): { servers: string[]; user?: string; pass?: string } {
  const parsed = url.split(',').map((one) => new URL(one.includes('://') ? one : `nats://${one}`));
  const servers = parsed.map((one) => one.host);
  const [first] = parsed;
  if (!first?.username) return { servers };
  return { servers, user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) };
}
