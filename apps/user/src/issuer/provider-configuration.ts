import { randomBytes } from 'node:crypto';
import { type Adapter, type Configuration, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { IssuerKeepsNothing } from './errors.js';
import type { RequestClients } from './request-clients.js';
import type { SigningKey } from './signing-key.js';

export const TOKEN_PATH = '/oauth/token';
export const JWKS_PATH = '/oauth/jwks';

interface IssuerSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly accessTokenSeconds: number;
}

/** What makes the library an issuer of client-credentials tokens and nothing else. */
export function providerConfiguration(settings: IssuerSettings, clients: RequestClients): Configuration {
  const { issuer, audience, keys, accessTokenSeconds } = settings;
  // The library takes only an absolute URI for a resource, an audience may be any word.
  const resource = URL.canParse(audience) ? audience : issuer;

  return {
    adapter: (model: string) => adapterOf(model, clients),
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    routes: { token: TOKEN_PATH, jwks: JWKS_PATH },
    responseTypes: [],
    scopes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { grant_types: ['client_credentials'], response_types: [], id_token_signed_response_alg: 'ES256' },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo(ctx, indicator): ResourceServer {
          if (indicator !== resource) throw new errors.InvalidTarget();
          const { scopes } = clients.current();
          settleScope(ctx, scopes);
          return {
            audience,
            scope: scopes.join(' '),
            accessTokenFormat: 'jwt',
            accessTokenTTL: accessTokenSeconds,
            jwt: { sign: { alg: 'ES256', kid: keys[0].kid } },
          };
        },
      },
    },
    extraTokenClaims() {
      const { organisationId, role } = clients.current();
      return { ...(organisationId !== null && { org: organisationId }), ...(role !== null && { role }) };
    },
    // An answer that depends on the client would come before its secret is checked and so tell which ids exist.
    // Nothing here trusts a cookie: whoever can read the answer has sent the secret.
    clientBasedCORS: () => true,
    renderError(ctx, out) {
      ctx.body = out;
    },
    ttl: lifetimes(accessTokenSeconds),
  };
}

/** Asking for nothing means all the client has; the library would drop a scope it does not know in silence. */
function settleScope(ctx: KoaContextWithOIDC, allowed: readonly string[]): void {
  const { params, requestParamScopes } = ctx.oidc;
  for (const scope of requestParamScopes) {
    if (!allowed.includes(scope)) throw new errors.InvalidScope('requested scope is not allowed', scope);
  }
  if (params && requestParamScopes.size === 0 && allowed.length > 0) params['scope'] = allowed.join(' ');
}

function adapterOf(model: string, clients: RequestClients): Adapter {
  const refuse = () => Promise.reject(new IssuerKeepsNothing(model));
  if (model !== 'Client') throw new IssuerKeepsNothing(model);

  // The library insists on a secret in the clear. Ours are hashes and compared in createIssuer; this one fits nobody.
  const unusableSecret = randomBytes(32).toString('base64url');
  return {
    async find(id) {
      const client = await clients.find(id);
      return client ? { client_id: client.clientId, client_secret: unusableSecret, redirect_uris: [] } : undefined;
    },
    upsert: refuse,
    findByUserCode: refuse,
    findByUid: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}

/** Only ClientCredentials is ever issued; the library warns about each other lifetime that is left to it. */
function lifetimes(seconds: number): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: seconds,
    AuthorizationCode: seconds,
    BackchannelAuthenticationRequest: seconds,
    ClientCredentials: seconds,
    DeviceCode: seconds,
    Grant: seconds,
    IdToken: seconds,
    Interaction: seconds,
    RefreshToken: seconds,
    Session: seconds,
  };
}
