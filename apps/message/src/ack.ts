import { Ack } from '#contracts';

/** An ack's place in the rising order; the greater one always wins, in whatever order they come. */
export function rankOf(ack: Ack): number {
  return Ack.options.indexOf(ack);
}

/** The ack of a stored rank; null for inbound messages, which have none. */
export function ackOf(rank: number | null): Ack | null {
  return rank === null ? null : (Ack.options[rank] ?? null);
}
