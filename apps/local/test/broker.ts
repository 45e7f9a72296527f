import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '#bus';
import { eventually, openBus, type SharedSystem } from '#testing';
import { environmentOf } from './behind.js';

const WORKED = ['INBOX', 'COMMANDS', 'FACTS'];
const SECOND = 1_000_000_000;

/** A system's broker, asked past the system; a killed system leaves it behind. */
export class Broker {
  private constructor(private readonly bus: Bus) {}

  static async of(system: Pick<SharedSystem, 'dataDir'>): Promise<Broker> {
    const { NATS_URL = '' } = await environmentOf(system);
    return new Broker(await openBus(NATS_URL));
  }

  /** Asks something of a system's broker and leaves it alone again. */
  static async ask<T>(system: Pick<SharedSystem, 'dataDir'>, question: (broker: Broker) => Promise<T>): Promise<T> {
    const broker = await Broker.of(system);
    try {
      return await question(broker);
    } finally {
      await broker.bus.connection.drain();
    }
  }

  /** How many messages a stream holds, of one event when it is named. */
  async count(stream: string, subject = '>'): Promise<number> {
    const { state } = await this.bus.connection.manager.streams.info(stream, { subjects_filter: subject });
    return Object.values(state.subjects ?? {}).reduce((sum, some) => sum + some, 0);
  }

  /** How many messages a consumer was handed and has not acknowledged. */
  async unacknowledged(stream: string, consumer: string): Promise<number> {
    return (await this.bus.connection.manager.consumers.info(stream, consumer)).num_ack_pending;
  }

  /** Puts bytes on a subject as they are. */
  async put(subject: string, bytes: string): Promise<void> {
    await this.bus.connection.jetstream.publish(subject, bytes);
  }

  /**
   * Waits until every consumer has handled everything. What a dead process held would come again after half a minute, the
   * broker's patience with a consumer; nobody needs to watch that, so it is shortened to a second.
   */
  async settled(): Promise<void> {
    for (const { stream, name } of await this.#open()) {
      await this.bus.connection.manager.consumers.update(stream, name, { ack_wait: SECOND });
    }
    await eventually(
      async () => {
        if ((await this.#open()).length > 0) return undefined;
        // one consumer's ack comes after the publish that another one waits for
        await sleep(100);
        return (await this.#open()).length === 0 ? true : undefined;
      },
      'consumers with nothing left to do',
      30_000,
    );
  }

  async #open(): Promise<{ stream: string; name: string }[]> {
    const open: { stream: string; name: string }[] = [];
    for (const stream of WORKED) {
      for await (const { name, num_pending, num_ack_pending } of this.bus.connection.manager.consumers.list(stream)) {
        if (num_pending + num_ack_pending > 0) open.push({ stream, name });
      }
    }
    return open;
  }
}
