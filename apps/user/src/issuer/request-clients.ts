import { Provider } from 'oidc-provider';
import { IssuerMisconfigured } from './errors.js';
import type { IssuerClient } from './issuer-client.js';

// Anything else cannot be a client id; Postgres would refuse a NUL with an error, and that would be a 500.
const CLIENT_ID = /^[\x21-\x7e]{1,255}$/;

/**
 * The client that each running request presents itself as. The library keeps its own clients in a cache;
 * ours are read once per request and forgotten with it, so that a revoked secret or scope counts at once.
 */
export class RequestClients {
  readonly #byRequest = new WeakMap<object, IssuerClient>();
  readonly #find: (clientId: string) => Promise<IssuerClient | null>;

  constructor(find: (clientId: string) => Promise<IssuerClient | null>) {
    this.#find = find;
  }

  async find(clientId: string): Promise<IssuerClient | null> {
    if (!CLIENT_ID.test(clientId)) return null;
    const client = await this.#find(clientId);
    if (client) this.#byRequest.set(currentRequest(), client);
    return client;
  }

  /** The client found for the current request; throws outside of one. */
  current(): IssuerClient {
    const client = this.#byRequest.get(currentRequest());
    if (!client) throw new IssuerMisconfigured('A client was used before it was looked up');
    return client;
  }
}

function currentRequest(): object {
  const request = Provider.ctx;
  if (!request) throw new IssuerMisconfigured('A client was asked for outside of a request');
  return request;
}
