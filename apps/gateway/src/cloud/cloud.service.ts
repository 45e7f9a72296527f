import { Injectable } from '@nestjs/common';
import { Bus } from '#bus';
import { CloudVerifyToken, INSTALLATION, MessageAcked, MessageReceived, SessionOddity } from '#contracts';
import { fingerprint, KeyStore, type OrganisationKeys } from '#crypto';
import { reached, refuse } from '#server';
import { toReceived } from '../received.js';
import type { CloudWebhook } from './payload.js';
import { type CloudRoute, RouteCache } from './route.cache.js';
import { isSigned } from './signature.js';
import { type CloudItem, toCloudItems } from './to-event.js';

const MOST_NUMBERS = 20;

/** A webhook as it came in. */
export interface Post {
  readonly rawBody: Uint8Array;
  readonly signature: string | undefined;
  /** the request's trace, and when it came in, in milliseconds since 1970 */
  readonly trace: string;
  readonly since: number;
}

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
  async take(webhook: CloudWebhook, post: Post): Promise<void> {
    const changes = webhook.entry.flatMap((entry) => entry.changes);
    const numbers = new Set(changes.flatMap(({ value }) => value.metadata?.phone_number_id ?? []));
    if (numbers.size > MOST_NUMBERS) throw refuse(400, `A webhook names at most ${MOST_NUMBERS} phone numbers.`);
    const trusted = await this.#trusted(numbers, post);
    if (trusted.size === 0)
      throw refuse(401, 'X-Hub-Signature-256 does not match the app secret of any session with this phone_number_id.');
    await Promise.all(
      changes.flatMap(({ field, value }, index) => {
        const routes = trusted.get(value.metadata?.phone_number_id ?? '') ?? [];
        return routes.map((route) => this.#publish(route, toCloudItems(field, value, post.since), post, index));
      }),
    );
    reached('received', post.since);
  }

  async #trusted(numbers: ReadonlySet<string>, { rawBody, signature }: Post): Promise<Map<string, CloudRoute[]>> {
    const trusted = new Map<string, CloudRoute[]>();
    for (const number of numbers) {
      const routes = (await this.routes.of(number)).filter((route) => isSigned(rawBody, signature, route.appKey));
      if (routes.length > 0) trusted.set(number, routes);
    }
    return trusted;
  }

  async #publish(route: CloudRoute, items: readonly CloudItem[], post: Post, place: number): Promise<void> {
    const keys = await this.keyStore.of(route.organisationId);
    await Promise.all(items.map((item, index) => this.#publishItem(keys, route.sessionId, item, post, `${place}:${index}`)));
  }

  #publishItem(keys: OrganisationKeys, sessionId: string, item: CloudItem, cause: Post, place: string): Promise<void> {
    const { organisationId } = keys;
    const at = new Date(cause.since).toISOString();
    switch (item.kind) {
      case 'message': {
        const { options, data } = toReceived(keys, sessionId, item.heard);
        return this.bus.publish(MessageReceived, { ...options, cause }, data);
      }
      case 'ack': {
        const { providerId, ack } = item;
        return this.bus.publish(
          MessageAcked,
          { organisationId, id: `${sessionId}:${providerId}:ack:${ack}`, cause },
          { sessionId, providerId, ack, at },
        );
      }
      case 'oddity': {
        // it has no id of its own: the same webhook repeated is the same oddity
        const id = `${sessionId}:${fingerprint(Buffer.from(cause.rawBody).toString('latin1'), place)}:oddity`;
        return this.bus.publish(SessionOddity, { organisationId, id, cause }, { sessionId, what: item.what, detail: item.detail, at });
      }
    }
  }
}
