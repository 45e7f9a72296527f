import { headers } from '@nats-io/transport-node';
import type { JsMsg } from '@nats-io/jetstream';
import { Counter } from 'prom-client';
import type { BusConnection } from './connection.js';
import { BusAway } from './errors.js';

const deadLetters = new Counter({
  name: 'alra_dead_letters_total',
  help: 'Messages that could not be handled and were put aside',
  labelNames: ['consumer', 'error'],
});

/** Puts a message aside with where it came from and why; its bytes stay as they were. Throws BusAway. */
export async function putAside(connection: BusConnection, consumer: string, message: JsMsg, error: unknown): Promise<void> {
  const kind = error instanceof Error ? error.name : 'unknown';
  const notes = headers();
  notes.set('Alra-Consumer', consumer);
  notes.set('Alra-Subject', message.subject);
  notes.set('Alra-Seq', String(message.seq));
  notes.set('Alra-Error', kind);
  // only our own errors: a driver's text may quote the row, and with it somebody's message
  if (kind === 'Poison' && error instanceof Error) notes.set('Alra-Reason', error.message.replaceAll(/[\r\n]/g, ' ').slice(0, 300));
  const original = message.headers?.get('Nats-Msg-Id');
  if (original) notes.set('Alra-Msg-Id', original);
  const subject = `dead.${message.subject}`;
  try {
    const msgID = `${consumer}:${message.info.stream}:${message.seq}`;
    await connection.jetstream.publish(subject, message.data, { msgID, headers: notes, timeout: 2_000 });
  } catch (cause) {
    throw new BusAway('a dead letter was not confirmed', { cause });
  }
  deadLetters.inc({ consumer, error: kind });
}
