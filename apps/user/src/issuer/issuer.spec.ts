import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IssuerMisconfigured } from './errors.js';
import { createIssuer, type IssuerOptions } from './issuer.js';
import { AUDIENCE, aClient, basic, rawGet, startIssuer, type TestIssuer } from './issuer.test-server.js';
import { newSigningKey } from './signing-key.js';

const client = aClient();
const operator = aClient({ clientId: 'operator-1', organisationId: null, scopes: ['operator'], role: null });
// The library warns once per process: only what was said since the start of the file tells.
const said = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];

describe(createIssuer.name, () => {
  const running: TestIssuer[] = [];
  let sut: TestIssuer;

  beforeEach(async () => {
    sut = await start();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((issuer) => issuer.close()));
  });

  async function start(options: Partial<IssuerOptions> = {}): Promise<TestIssuer> {
    const issuer = await startIssuer([client, operator], options);
    running.push(issuer);
    return issuer;
  }

  function verify(token: string, { url } = sut) {
    return jwtVerify(token, createRemoteJWKSet(new URL('/oauth/jwks', url)), {
      issuer: url,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
  }

  async function accessToken(response: Promise<Response>): Promise<string> {
    const body = (await (await response).json()) as { access_token: string };
    return body.access_token;
  }

  it('gives a token to a client that authenticates in the form', async () => {
    const response = await sut.tokenFor(client);

    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'conversations:read conversations:write',
    });
  });

  it('gives a token to a client that authenticates in the header', async () => {
    const form = { grant_type: 'client_credentials' };

    const token = await accessToken(sut.post(form, basic(client.clientId, client.secret)));

    await expect(verify(token)).resolves.toMatchObject({ payload: { sub: client.clientId } });
  });

  it('says in the token whose it is and what it may do', async () => {
    const { payload, protectedHeader } = await verify(await accessToken(sut.tokenFor(client)));

    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: sut.key.kid });
    expect(payload).toEqual({
      iss: sut.url,
      sub: client.clientId,
      aud: AUDIENCE,
      org: 'org-1',
      client_id: client.clientId,
      scope: 'conversations:read conversations:write',
      role: 'integration',
      jti: expect.stringMatching(/^[\w-]{21,}$/),
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 600,
    });
  });

  it('never gives two tokens the same jti', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => accessToken(sut.tokenFor(client))));

    expect(new Set(tokens.map((token) => decodeJwt(token).jti)).size).toBe(3);
  });

  it('gives an operator a token without organisation and role', async () => {
    const { payload } = await verify(await accessToken(sut.tokenFor(operator)));

    expect(payload).toMatchObject({ sub: 'operator-1', scope: 'operator' });
    expect(payload).not.toHaveProperty('org');
    expect(payload).not.toHaveProperty('role');
  });

  it('gives only the scopes that are asked for', async () => {
    const { payload } = await verify(await accessToken(sut.tokenFor(client, { scope: 'conversations:read' })));

    expect(payload['scope']).toBe('conversations:read');
  });

  it('does not mix up clients that ask at the same time', async () => {
    const asking = Array.from({ length: 20 }, (_, index) => (index % 2 ? client : operator));

    const tokens = await Promise.all(asking.map((each) => accessToken(sut.tokenFor(each))));

    expect(tokens.map((token) => decodeJwt(token)).map(({ sub, scope, org }) => [sub, scope, org ?? null])).toEqual(
      asking.map(({ clientId, scopes, organisationId }) => [clientId, scopes.join(' '), organisationId]),
    );
  });

  it('reads the client anew for every token', async () => {
    let scopes = ['a', 'b'];
    const issuer = await start({ findClient: async () => ({ ...client, scopes }) });
    const before = await accessToken(issuer.tokenFor(client));

    scopes = ['a'];
    const after = await accessToken(issuer.tokenFor(client));

    expect([decodeJwt(before)['scope'], decodeJwt(after)['scope']]).toEqual(['a b', 'a']);
  });

  it('takes an audience that is not a URL', async () => {
    const issuer = await start({ audience: 'alra' });

    expect(decodeJwt(await accessToken(issuer.tokenFor(client))).aud).toBe('alra');
  });

  it('lets old tokens verify after another key has taken over', async () => {
    const [old, next] = [await newSigningKey(), await newSigningKey()];
    const before = await start({ keys: [old, next] });
    const token = await accessToken(before.tokenFor(client));

    const after = await start({ issuer: before.url, keys: [next, old] });
    const keysAfter = createRemoteJWKSet(new URL('/oauth/jwks', after.url));

    const verified = await jwtVerify(token, keysAfter, { issuer: before.url, audience: AUDIENCE });
    expect(verified.protectedHeader.kid).toBe(old.kid);
    const renewed = await jwtVerify(await accessToken(after.tokenFor(client)), keysAfter, { issuer: before.url });
    expect(renewed.protectedHeader.kid).toBe(next.kid);
  });

  it('publishes the public half of its keys only', async () => {
    const { d: _, ...publicKey } = sut.key;

    expect(await (await fetch(`${sut.url}/oauth/jwks`)).json()).toEqual({ keys: [publicKey] });
  });

  it.each(['openid-configuration', 'oauth-authorization-server'])('describes itself in %s', async (name) => {
    const issuer = await start({ issuer: 'https://alra.example' });

    expect(await (await fetch(`${issuer.url}/.well-known/${name}`)).json()).toEqual({
      issuer: 'https://alra.example',
      token_endpoint: 'https://alra.example/oauth/token',
      jwks_uri: 'https://alra.example/oauth/jwks',
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
  });

  it('keeps its address whatever host a request names', async () => {
    const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const headers = { host: 'evil.example', ...forwarded };

    const { body } = await rawGet(`${sut.url}/.well-known/openid-configuration`, { headers });
    const token = await accessToken(
      sut.post({ grant_type: 'client_credentials' }, { ...forwarded, ...basic(client.clientId, client.secret) }),
    );

    expect(body).not.toContain('evil.example');
    expect(JSON.parse(body)).toMatchObject({ issuer: sut.url, token_endpoint: `${sut.url}/oauth/token` });
    expect(decodeJwt(token).iss).toBe(sut.url);
  });

  it.each(['https://alra.example/', 'https://alra.example/auth', 'alra.example'])('refuses to be %s', async (issuer) => {
    await expect(start({ issuer })).rejects.toThrow(IssuerMisconfigured);
  });

  it('refuses to start without a key', async () => {
    await expect(start({ keys: [] })).rejects.toThrow(IssuerMisconfigured);
  });

  it('has done all of this without a word on the console', () => {
    for (const spy of said) expect(spy).not.toHaveBeenCalled();
  });
});
