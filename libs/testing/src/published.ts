import type { z } from 'zod';
import type { Bus } from '#bus';
import type { EventDefinition } from '#contracts';

/** One event as it lies on its stream. */
export interface Published<D> {
  /** the message id JetStream knows it by */
  readonly id: string;
  readonly chat: string;
  readonly since: number;
  readonly data: D;
}

/** Every event of one definition that an organisation said, in the order of the stream. */
export async function published<S extends z.ZodType>(
  bus: Bus,
  event: EventDefinition<S>,
  organisationId: string,
): Promise<Published<z.output<S>>[]> {
  const filter = `${event.stream.toLowerCase()}.${event.name}.${organisationId}.>`;
  const { streams } = bus.connection.manager;
  const events: Published<z.output<S>>[] = [];
  for (let seq = 1; ;) {
    // the broker takes both together, the type does not say so
    const next = { seq, next_by_subj: filter };
    const found = await streams.getMessage(event.stream, next);
    if (!found) return events;
    const { since, data } = found.json<{ since: number; data: unknown }>();
    const id = found.header.get('Nats-Msg-Id');
    events.push({ id, chat: found.subject.slice(found.subject.lastIndexOf('.') + 1), since, data: event.schema.parse(data) });
    seq = found.seq + 1;
  }
}
