import { createServer, type IncomingMessage, request, type RequestOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createIssuer, type IssuerOptions } from './issuer.js';
import { hashClientSecret, type IssuerClient, newClientSecret, secretMatches } from './issuer-client.js';
import { newSigningKey, type SigningKey } from './signing-key.js';

/** The audience of every token in these specs. */
export const AUDIENCE = 'https://api.alra.example';

/** A client of an organisation, with the secret that a database would not have. */
export interface ClientWithSecret extends IssuerClient {
  readonly secret: string;
}

interface Line {
  readonly level: string;
  readonly message: string;
  readonly detail: Record<string, unknown>;
}

export interface TestIssuer {
  readonly url: string;
  readonly key: SigningKey;
  readonly lines: readonly Line[];
  /** Posts a form to the token endpoint. */
  readonly post: (form: Record<string, string> | string, headers?: Record<string, string>) => Promise<Response>;
  /** Asks for a token as `client` by form fields. */
  readonly tokenFor: (client: ClientWithSecret, form?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** An organisation's client; override what the test is about. */
export function aClient(overrides: Partial<IssuerClient> = {}): ClientWithSecret {
  const secret = newClientSecret();
  return {
    clientId: 'client-1',
    organisationId: 'org-1',
    scopes: ['conversations:read', 'conversations:write'],
    name: 'The CRM',
    role: 'integration',
    secretHash: hashClientSecret(secret),
    ...overrides,
    secret,
  };
}

export function basic(clientId: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

/** An issuer on a real HTTP server; its `iss` is its own address unless `options` says otherwise. */
export async function startIssuer(clients: readonly IssuerClient[], options: Partial<IssuerOptions> = {}): Promise<TestIssuer> {
  let handler: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const lines: Line[] = [];
  const key = await newSigningKey();
  ({ handler } = createIssuer({
    issuer: url,
    audience: AUDIENCE,
    keys: [key],
    findClient: async (clientId) => clients.find((client) => client.clientId === clientId) ?? null,
    verifySecret: (client, presented) => secretMatches(presented, client.secretHash),
    accessTokenSeconds: 600,
    log: (level, message, detail) => lines.push({ level, message, detail }),
    ...options,
  }));

  const post: TestIssuer['post'] = (form, headers = {}) =>
    fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form), headers });
  return {
    url,
    key,
    lines,
    post,
    tokenFor: ({ clientId, secret }, form = {}) =>
      post({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret, ...form }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A request with what `fetch` would not send: any Host, any request target. */
export async function rawGet(url: string, options: RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}
