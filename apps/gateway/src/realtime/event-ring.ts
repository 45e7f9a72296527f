/** One realtime event as it goes over the wire. */
export interface RingEvent {
  readonly seq: number;
  readonly organisationId: string;
  readonly frame: string;
}

/** Where a client stood: the epoch of the stream and the last position it has. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** What a client gets that comes back: what it missed, or the word that it must read its lists again. */
export type Resumption = { readonly status: 'ready'; readonly missed: readonly RingEvent[] } | { readonly status: 'resync' };

/** The last events of the realtime stream in memory, bounded in bytes: whoever comes back is served from here. */
export class EventRing {
  #epoch = '';
  /** everything after this position is still here */
  #floor = 0;
  #last = 0;
  #bytes = 0;
  #events: RingEvent[] = [];
  #start = 0;

  constructor(private readonly maxBytes: number) {}

  /** Starts anew: the stream is another one, of which everything after `floor` will come. */
  begin(epoch: string, floor: number): void {
    this.#epoch = epoch;
    this.#floor = floor;
    this.#last = floor;
    this.#bytes = 0;
    this.#events = [];
    this.#start = 0;
  }

  add(event: RingEvent): void {
    this.#events.push(event);
    this.#last = event.seq;
    this.#bytes += event.frame.length;
    while (this.#bytes > this.maxBytes && this.#start < this.#events.length - 1) {
      const oldest = this.#events[this.#start];
      if (!oldest) break;
      this.#floor = oldest.seq;
      this.#bytes -= oldest.frame.length;
      this.#start += 1;
    }
    if (this.#start > 1_000 && this.#start > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Where the stream stands here. */
  get now(): Position {
    return { epoch: this.#epoch, seq: this.#last };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What an organisation's client missed since a position; another replica may be ahead of this one, which misses nothing. */
  since(organisationId: string, position: Position): Resumption {
    if (position.epoch !== this.#epoch || position.seq < this.#floor) return { status: 'resync' };
    const missed = this.#after(position.seq).filter((event) => event.organisationId === organisationId);
    return { status: 'ready', missed };
  }

  #after(seq: number): RingEvent[] {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.seq ?? Infinity) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }
}
