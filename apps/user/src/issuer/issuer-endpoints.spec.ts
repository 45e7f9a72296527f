import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIssuer } from './issuer.js';
import { rawGet, startIssuer, type TestIssuer } from './issuer.test-server.js';

describe(createIssuer.name, () => {
  let sut: TestIssuer;

  beforeAll(async () => {
    sut = await startIssuer([]);
  });

  afterAll(() => sut.close());

  it.each(['/oauth/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'has something to GET at %s',
    async (path) => {
      expect((await rawGet(sut.url, { path: `${path}?any=query` })).status).toBe(200);
    },
  );

  it('lets a web page ask first whether it may post', async () => {
    const headers = { origin: 'https://crm.example', 'access-control-request-method': 'POST' };

    const response = await fetch(`${sut.url}/oauth/token`, { method: 'OPTIONS', headers });

    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(['/auth', '/auth/uid', '/session/end', '/me', '/reg', '/oauth/TOKEN', '/oauth/token', '//evil.example/oauth/jwks'])(
    'has nothing to GET at %s',
    async (path) => {
      expect((await rawGet(sut.url, { path })).status).toBe(404);
    },
  );

  it.each(['http://evil.example/.well-known/openid-configuration', 'http://[bad/oauth/jwks', '/%zz'])(
    'has nothing at the request target %s',
    async (path) => {
      expect((await rawGet(sut.url, { path })).status).toBe(404);
    },
  );

  it.each(['/session/end/confirm', '/request', '/token/introspection', '/token/revocation', '/device/auth', '/reg'])(
    'has nothing to POST to at %s',
    async (path) => {
      expect((await fetch(`${sut.url}${path}`, { method: 'POST' })).status).toBe(404);
    },
  );
});
