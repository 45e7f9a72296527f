import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { z } from 'zod';
import type { EventDefinition } from '#contracts';
import type { BusConnection } from './connection.js';
import { decodeEnvelope, type Delivered, type Envelope } from './envelope.js';
import { Poison } from './errors.js';
import { filterOf } from './subject.js';

export interface Follower<D> {
  /**
   * The stream as a new one: at the start, and after a broker restart emptied it; positions of another epoch mean nothing.
   * What comes after position `floor` is still there; `last` is where the stream stands now.
   */
  readonly onEpoch: (epoch: string, floor: number, last: number) => void;
  readonly onEvent: (delivered: Delivered<D>) => void;
}

/**
 * Reads a stream from its beginning in order, without acknowledgement, for as long as the process lives: what each gateway
 * replica does with REALTIME. Returns a function that stops it.
 */
export async function follow<S extends z.ZodType>(
  connection: BusConnection,
  event: EventDefinition<S>,
  follower: Follower<z.output<S>>,
): Promise<() => Promise<void>> {
  let epoch = '';
  let source: ConsumerMessages | undefined;
  let queue = Promise.resolve();

  const begin = async () => {
    const info = await connection.manager.streams.info(event.stream);
    if (info.created === epoch) return;
    epoch = info.created;
    source?.stop();
    follower.onEpoch(epoch, Math.max(0, info.state.first_seq - 1), info.state.last_seq);
    const consumer = await connection.jetstream.consumers.get(event.stream, {
      filter_subjects: [filterOf(event)],
      deliver_policy: DeliverPolicy.All,
    });
    source = await consumer.consume({ max_messages: 1_000, callback: (message) => tell(event, follower, message) });
  };
  connection.onReconnected(() => {
    // best effort: the next reconnect tries again, and readiness shows a broker that cannot be read
    queue = queue.then(begin).catch(() => undefined);
  });
  await begin();
  return async () => {
    source?.stop();
    await queue;
  };
}

function tell<S extends z.ZodType>(event: EventDefinition<S>, follower: Follower<z.output<S>>, message: JsMsg): void {
  const envelope = readable(event, message);
  if (!envelope) return;
  follower.onEvent({
    id: message.headers?.get('Nats-Msg-Id') ?? '',
    organisationId: envelope.org,
    seq: message.seq,
    at: envelope.at,
    since: envelope.since,
    trace: envelope.trace,
    chat: '-',
    redelivered: false,
    by: undefined,
    idempotency: undefined,
    data: envelope.data as z.output<S>,
  });
}

/** What cannot be read is passed over: nobody acknowledges here, and thrown, it would end the reading of all that follows. */
function readable(event: EventDefinition, message: JsMsg): Envelope | undefined {
  try {
    return decodeEnvelope(event, message.data);
  } catch (error) {
    if (error instanceof Poison) return undefined;
    throw error;
  }
}
