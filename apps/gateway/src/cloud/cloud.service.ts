import { Injectable } from '@nestjs/common';
import { Bus } from '#bus';
import { CloudVerifyToken, INSTALLATION, MessageAcked, MessageReceived, SessionOddity } from '#contracts';
import { fingerprint, KeyStore, type OrganisationKeys } from '#crypto';
import { refuse } from '#server';
import { toReceived } from '../received.js';
import type { CloudValue, CloudWebhook } from './payload.js';
import { type CloudRoute, RouteCache } from './route.cache.js';
import { isSigned } from './signature.js';
import { type CloudItem, toCloudItems } from './to-event.js';

const MOST_NUMBERS = 20;

/** Takes Cloud API webhooks: finds whose they are by number and signature, and puts every item on the bus. */
@Injectable()
export class CloudService {
  constructor(
    private readonly bus: Bus,
    private readonly keyStore: KeyStore,
    private readonly routes: RouteCache,
  ) {}

  /** Whether some session was made with this verify token. */
  async knowsVerifyToken(verifyToken: string): Promise<boolean> {
    return (await this.bus.ask(CloudVerifyToken, INSTALLATION, { verifyToken })).known;
  }

  /** Resolves when JetStream has every item of the webhook. Throws a 401 when no number in it belongs to a session that can vouch for it. */
  async take(webhook: CloudWebhook, rawBody: Uint8Array, signature: string | undefined): Promise<void> {
    const changes = webhook.entry.flatMap((entry) => entry.changes);
    const numbers = new Set(changes.flatMap(({ value }) => value.metadata?.phone_number_id ?? []));
    if (numbers.size > MOST_NUMBERS) throw refuse(400, `A webhook names at most ${MOST_NUMBERS} phone numbers.`);
    const trusted = await this.#trusted(numbers, rawBody, signature);
    if (trusted.size === 0)
      throw refuse(401, 'X-Hub-Signature-256 does not match the app secret of any session with this phone_number_id.');
    const now = Date.now();
    const hash = fingerprint(Buffer.from(rawBody).toString('latin1'));
    await Promise.all(
      changes.flatMap(({ field, value }, index) => {
        const routes = trusted.get(value.metadata?.phone_number_id ?? '') ?? [];
        return routes.map((route) => this.#publish(route, field, value, now, `${hash}:${index}`));
      }),
    );
  }

  async #trusted(numbers: ReadonlySet<string>, rawBody: Uint8Array, signature: string | undefined): Promise<Map<string, CloudRoute[]>> {
    const trusted = new Map<string, CloudRoute[]>();
    for (const number of numbers) {
      const routes = (await this.routes.of(number)).filter((route) => isSigned(rawBody, signature, route.appSecret));
      if (routes.length > 0) trusted.set(number, routes);
    }
    return trusted;
  }

  async #publish(route: CloudRoute, field: string, value: CloudValue, now: number, place: string): Promise<void> {
    const keys = await this.keyStore.of(route.organisationId);
    const items = toCloudItems(field, value, now);
    await Promise.all(items.map((item, index) => this.#publishItem(keys, route.sessionId, item, now, `${place}:${index}`)));
  }

  #publishItem(keys: OrganisationKeys, sessionId: string, item: CloudItem, now: number, place: string): Promise<void> {
    const { organisationId } = keys;
    const at = new Date(now).toISOString();
    switch (item.kind) {
      case 'message': {
        const { options, data } = toReceived(keys, sessionId, item.heard);
        return this.bus.publish(MessageReceived, options, data);
      }
      case 'ack': {
        const id = `${sessionId}:${item.providerId}:ack:${item.ack}`;
        return this.bus.publish(MessageAcked, { organisationId, id }, { sessionId, providerId: item.providerId, ack: item.ack, at });
      }
      case 'oddity': {
        const id = `${sessionId}:${place}:oddity`;
        return this.bus.publish(SessionOddity, { organisationId, id }, { sessionId, what: item.what, detail: item.detail, at });
      }
    }
  }
}
