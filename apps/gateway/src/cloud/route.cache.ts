import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Bus } from '#bus';
import { CloudRoutes, INSTALLATION } from '#contracts';

export interface CloudRoute {
  readonly organisationId: string;
  readonly sessionId: string;
  /** the Meta app's secret, ready for checking signatures */
  readonly appKey: KeyObject;
}

const KNOWN_MS = 10_000;
const UNKNOWN_MS = 1_000;
const MOST = 10_000;

/** Which sessions claim a Meta phone number, remembered for ten seconds: a webhook asks for every message. */
@Injectable()
export class RouteCache {
  readonly #entries = new Map<string, { routes: Promise<CloudRoute[]>; until: number }>();

  constructor(private readonly bus: Bus) {}

  /** The claims, none for a number nobody made a session for. Throws NoAnswer, BusAway. */
  of(phoneNumberId: string): Promise<CloudRoute[]> {
    const known = this.#entries.get(phoneNumberId);
    if (known && known.until > performance.now()) return known.routes;
    const routes = this.#ask(phoneNumberId);
    const entry = { routes, until: performance.now() + KNOWN_MS };
    if (this.#entries.size >= MOST) this.#entries.clear();
    this.#entries.set(phoneNumberId, entry);
    routes.then(
      (found) => {
        // a new session must not wait for the memory of its absence
        if (found.length === 0) entry.until = performance.now() + UNKNOWN_MS;
      },
      () => this.#entries.delete(phoneNumberId),
    );
    return routes;
  }

  async #ask(phoneNumberId: string): Promise<CloudRoute[]> {
    const found = await this.bus.ask(CloudRoutes, INSTALLATION, { phoneNumberId });
    return found.map(({ appSecret, ...route }) => ({ ...route, appKey: createSecretKey(appSecret, 'utf8') }));
  }

  /** Forgets everything: a session was made or deleted. */
  clear(): void {
    this.#entries.clear();
  }
}
