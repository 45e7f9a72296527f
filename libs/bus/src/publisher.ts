import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { BusAway } from './errors.js';

interface Waiting {
  readonly subject: string;
  readonly deadline: number;
  readonly resolve: (duplicate: boolean) => void;
  readonly reject: (error: BusAway) => void;
}

const TIMEOUT_MS = 2_000;
const SWEEP_MS = 250;
const MAX_WAITING = 20_000;
const NO_RESPONDERS = 503;

const PubAck = z.union([
  z.object({ error: z.object({ description: z.string() }) }),
  z.object({ stream: z.string(), seq: z.number(), duplicate: z.boolean().optional() }),
]);

/**
 * Publishes to JetStream and waits for its acknowledgement. One subscription and one timer serve every publish: the
 * client library's own request makes a timer, an abort race and stack traces for each, which costs more than the rest of it.
 */
export class Publisher {
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, Waiting>();
  readonly #sweeping: NodeJS.Timeout;
  #count = 0;

  constructor(private readonly nats: NatsConnection) {
    nats.subscribe(`${this.#inbox}.*`, { callback: (_error, message) => this.#answered(message) });
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeping.unref();
    void nats.closed().then(() => clearInterval(this.#sweeping));
  }

  /** How many publishes have not been acknowledged yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when the stream has the message, with whether it had it before. Throws BusAway when it is not confirmed within two seconds. */
  publish(subject: string, data: Uint8Array, messageId: string): Promise<boolean> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new BusAway('too many publishes wait for their acknowledgement'));
    this.#count += 1;
    const reply = `${this.#inbox}.${this.#count}`;
    const notes = headers();
    notes.set('Nats-Msg-Id', headerSafe(messageId));
    return new Promise<boolean>((resolve, reject) => {
      this.#waiting.set(reply, { subject, deadline: performance.now() + TIMEOUT_MS, resolve, reject });
      try {
        this.nats.publish(subject, data, { reply, headers: notes });
      } catch (cause) {
        this.#waiting.delete(reply);
        reject(new BusAway(`${subject} could not be handed to NATS`, { cause }));
      }
    });
  }

  #answered(message: Msg): void {
    const waiting = this.#waiting.get(message.subject);
    if (!waiting) return;
    this.#waiting.delete(message.subject);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) {
      waiting.reject(new BusAway(`no stream takes ${waiting.subject} right now`));
      return;
    }
    const ack = PubAck.safeParse(parsed(message));
    if (ack.success && 'stream' in ack.data) waiting.resolve(ack.data.duplicate ?? false);
    else
      waiting.reject(
        new BusAway(
          `JetStream refused ${waiting.subject}: ${ack.data && 'error' in ack.data ? ack.data.error.description : 'unreadable answer'}`,
        ),
      );
  }

  /** All wait equally long, so the oldest come first. */
  #sweep(): void {
    const now = performance.now();
    for (const [reply, waiting] of this.#waiting) {
      if (waiting.deadline > now) return;
      this.#waiting.delete(reply);
      waiting.reject(new BusAway(`${waiting.subject} was not confirmed within ${TIMEOUT_MS / 1_000} s`));
    }
  }
}

function parsed(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

/** A provider may have put anything into its id; a header takes no line breaks. */
function headerSafe(id: string): string {
  return /[^\x20-\x7e]/.test(id) ? encodeURI(id.toWellFormed()) : id;
}
