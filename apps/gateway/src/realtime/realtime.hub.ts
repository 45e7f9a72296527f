import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Bus, type Delivered, follow } from '#bus';
import { RealtimePublished } from '#contracts';
import { reached } from '#server';
import { RouteCache } from '../cloud/route.cache.js';
import { decodeCursor, encodeCursor, epochOf } from './cursor.js';
import { EventRing, type RingEvent } from './event-ring.js';
import { CLOSE, type Screen } from './screen.js';

const RING_BYTES = 32 * 1_048_576;

const screens = new Gauge({ name: 'alra_screens', help: 'Open realtime sockets' });
const told = new Counter({ name: 'alra_realtime_events_sent_total', help: 'Realtime events sent to sockets' });

/** Reads the realtime stream once per gateway and hands each event to its organisation's screens. */
@Injectable()
export class RealtimeHub implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #ring = new EventRing(RING_BYTES);
  readonly #screens = new Map<string, Set<Screen>>();
  #epoch = '';
  #stop: (() => Promise<void>) | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly routes: RouteCache,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#stop = await follow(this.bus.connection, RealtimePublished, {
      onEpoch: (created, floor) => this.#begin(epochOf(created), floor),
      onEvent: (delivered) => this.#take(delivered),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    for (const screen of this.all()) screen.close(CLOSE.stopping, 'the server is restarting');
    await this.#stop?.();
  }

  /** Lets an admitted client in: tells it what it missed, or to read its lists again, and keeps it up to date from then on. */
  enter(screen: Screen, cursor: string | undefined): void {
    const position = cursor === undefined ? this.#ring.now : decodeCursor(cursor);
    const resumption = position ? this.#ring.since(screen.admission.organisationId, position) : ({ status: 'resync' } as const);
    if (resumption.status === 'resync' || !position) {
      screen.restart({ type: 'resync', cursor: encodeCursor(this.#ring.now) }, this.#ring.now.seq);
    } else {
      screen.restart({ type: 'ready', cursor: encodeCursor(position) }, position.seq);
      for (const event of resumption.missed) screen.tell(event);
    }
    const { organisationId } = screen.admission;
    const room = this.#screens.get(organisationId) ?? new Set();
    this.#screens.set(organisationId, room.add(screen));
    screens.inc();
  }

  leave(screen: Screen): void {
    const { organisationId } = screen.admission;
    const room = this.#screens.get(organisationId);
    if (!room?.delete(screen)) return;
    if (room.size === 0) this.#screens.delete(organisationId);
    screens.dec();
  }

  all(): Screen[] {
    return [...this.#screens.values()].flatMap((room) => [...room]);
  }

  #begin(epoch: string, floor: number): void {
    this.#epoch = epoch;
    this.#ring.begin(epoch, floor);
    for (const screen of this.all()) screen.restart({ type: 'resync', cursor: encodeCursor(this.#ring.now) }, this.#ring.now.seq);
  }

  #take(delivered: Delivered<RealtimePublished>): void {
    const { organisationId, seq, data, since } = delivered;
    const cursor = encodeCursor({ epoch: this.#epoch, seq });
    const event: RingEvent = { seq, organisationId, frame: JSON.stringify({ type: 'event', cursor, ...data }) };
    this.#ring.add(event);
    if (data.name === 'session.updated') this.routes.clear();
    let sent = 0;
    for (const screen of this.#screens.get(organisationId) ?? []) if (screen.tell(event)) sent += 1;
    if (sent === 0) return;
    told.inc(sent);
    if (data.name === 'message.analysed') reached('delivered', since);
  }
}
