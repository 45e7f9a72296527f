import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { IssuerMisconfigured } from './errors.js';
import type { IssuerClient } from './issuer-client.js';
import { JWKS_PATH, providerConfiguration, TOKEN_PATH } from './provider-configuration.js';
import { RequestClients } from './request-clients.js';
import type { SigningKey } from './signing-key.js';

/** Where the issuer's log lines go; details never hold a secret or a token. */
type IssuerLog = (level: 'info' | 'warn' | 'error', message: string, detail: Record<string, unknown>) => void;

/** What an issuer needs from its app. */
export interface IssuerOptions {
  /** The public address, scheme and host only; it is `iss` and the start of every advertised URL. */
  readonly issuer: string;
  readonly audience: string;
  /** The first one signs, all are published. */
  readonly keys: readonly SigningKey[];
  /** Must answer `null`, not throw, for any printable string that is no client's id. */
  readonly findClient: (clientId: string) => Promise<IssuerClient | null>;
  /** Must take the same time whatever the difference, as `secretMatches` does. */
  readonly verifySecret: (client: IssuerClient, presentedSecret: string) => Promise<boolean> | boolean;
  readonly accessTokenSeconds: number;
  readonly log: IssuerLog;
}

/** A running issuer: mount the handler on a plain HTTP server, with the path and the body untouched. */
export interface Issuer {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
}

const DISCOVERY_PATHS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const OPEN_PATHS = new Set([TOKEN_PATH, JWKS_PATH, ...DISCOVERY_PATHS]);

const DISCOVERED = new Set([
  'issuer',
  'token_endpoint',
  'jwks_uri',
  'grant_types_supported',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
  'token_endpoint_auth_methods_supported',
]);

/** An OAuth 2.0 issuer of signed access tokens for API clients (client-credentials grant only). */
export function createIssuer(options: IssuerOptions): Issuer {
  const { issuer, verifySecret, log } = options;
  const [signingKey, ...otherKeys] = options.keys;
  if (!signingKey) throw new IssuerMisconfigured('The issuer needs at least one signing key');
  if (!isOrigin(issuer)) throw new IssuerMisconfigured(`The issuer must be scheme and host without a path: ${issuer}`);

  const clients = new RequestClients(options.findClient);
  const settings = { ...options, keys: [signingKey, ...otherKeys] as const };
  const provider = new Provider(issuer, providerConfiguration(settings, clients));
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = (presented) => verifySecret(clients.current(), presented);
  pinAddress(provider);
  closeUnusedEndpoints(provider);
  reportTo(log, provider);

  const handle = provider.callback();
  return { handler: (request, response) => void handle(request, response) };
}

function isOrigin(url: string): boolean {
  return URL.canParse(url) && new URL(url).origin === url;
}

/** The library builds its URLs from the request's address, which the Host and forwarding headers choose. */
function pinAddress(provider: Provider): void {
  Object.defineProperty(provider.request, 'href', { get: () => provider.issuer });
}

/** The library cannot drop its authorization and logout routes, nor stop advertising the first. */
function closeUnusedEndpoints(provider: Provider): void {
  provider.use(async (ctx, next) => {
    const [path = ''] = ctx.url.split('?', 1);
    if (!OPEN_PATHS.has(path)) return;

    await next();
    const { body } = ctx;
    if (!DISCOVERY_PATHS.includes(path) || ctx.status !== 200 || typeof body !== 'object' || body === null) return;
    ctx.body = Object.fromEntries(Object.entries(body).filter(([name]) => DISCOVERED.has(name)));
  });
}

function reportTo(log: IssuerLog, provider: Provider): void {
  provider.on('grant.success', (ctx) => {
    log('info', 'issued a token', { client: ctx.oidc.client?.clientId, scope: ctx.oidc.params?.['scope'] });
  });
  provider.on('grant.error', (ctx, error) => {
    const { error: code, error_description: description, error_detail: detail } = error;
    log('warn', 'refused a token', { client: ctx.oidc.client?.clientId, error: code, description, detail });
  });
  provider.on('server_error', (ctx, error) => {
    log('error', 'the issuer failed', { route: ctx.oidc.route, error });
  });
  // Koa's own prints to the console.
  provider.onerror = (error) => log('error', 'the issuer failed', { error });
}
