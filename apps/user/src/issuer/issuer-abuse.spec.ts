import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createIssuer, type IssuerOptions } from './issuer.js';
import { AUDIENCE, aClient, basic, startIssuer, type TestIssuer } from './issuer.test-server.js';

const client = aClient();
const GRANT = { grant_type: 'client_credentials' };
const CREDENTIALS = { client_id: client.clientId, client_secret: client.secret };
const FORM = 'application/x-www-form-urlencoded';

describe(createIssuer.name, () => {
  const asked: string[] = [];
  const running: TestIssuer[] = [];
  let sut: TestIssuer;

  beforeAll(async () => {
    sut = await start({
      findClient: async (clientId) => {
        asked.push(clientId);
        return clientId === client.clientId ? client : null;
      },
    });
  });

  afterEach(() => {
    asked.length = 0;
  });

  afterAll(async () => {
    await Promise.all(running.map((issuer) => issuer.close()));
  });

  async function start(options: Partial<IssuerOptions>): Promise<TestIssuer> {
    const issuer = await startIssuer([client], options);
    running.push(issuer);
    return issuer;
  }

  async function seen(request: Promise<Response>) {
    const response = await request;
    const { date: _, ...headers } = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: await response.text() };
  }

  describe('a wrong secret and an unknown client look the same', () => {
    const wrong = { client_secret: 'wrong' };

    it('in the form', async () => {
      const wrongSecret = await seen(sut.post({ ...GRANT, client_id: client.clientId, ...wrong }));
      const unknownClient = await seen(sut.post({ ...GRANT, client_id: 'nobody', ...wrong }));

      expect(wrongSecret).toEqual(unknownClient);
      expect(wrongSecret).toMatchObject({
        status: 401,
        body: JSON.stringify({ error: 'invalid_client', error_description: 'client authentication failed' }),
      });
    });

    it('in the header', async () => {
      const wrongSecret = await seen(sut.post(GRANT, basic(client.clientId, 'wrong')));
      const unknownClient = await seen(sut.post(GRANT, basic('nobody', 'wrong')));

      expect(wrongSecret).toEqual(unknownClient);
      expect(wrongSecret).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.any(String) } });
    });

    it('without a secret', async () => {
      const noSecret = await seen(sut.post({ ...GRANT, client_id: client.clientId }));

      expect(noSecret).toEqual(await seen(sut.post({ ...GRANT, client_id: 'nobody' })));
      expect(noSecret.status).toBe(401);
    });

    it('from a web page', async () => {
      const origin = { origin: 'https://evil.example' };
      const wrongSecret = await seen(sut.post({ ...GRANT, client_id: client.clientId, ...wrong }, origin));

      expect(wrongSecret).toEqual(await seen(sut.post({ ...GRANT, client_id: 'nobody', ...wrong }, origin)));
      expect(wrongSecret.status).toBe(401);
    });

    it('with another error in the request', async () => {
      const bad = { ...wrong, grant_type: 'password', scope: '"' };
      const wrongSecret = await seen(sut.post({ ...bad, client_id: client.clientId }));

      expect(wrongSecret).toEqual(await seen(sut.post({ ...bad, client_id: 'nobody' })));
    });
  });

  it('never takes the stored hash for the secret', async () => {
    const hash = Buffer.from(client.secretHash);
    const guesses = [hash.toString('base64url'), hash.toString('hex'), hash.toString('base64')];

    for (const guess of guesses) {
      expect((await sut.post({ ...GRANT, ...CREDENTIALS, client_secret: guess })).status).toBe(401);
    }
  });

  it('keeps secrets out of the log', async () => {
    await sut.post({ ...GRANT, ...CREDENTIALS });
    await sut.post({ ...GRANT, ...CREDENTIALS, client_secret: 'hunter2' });

    const log = JSON.stringify(sut.lines);
    expect(log).toContain('issued a token');
    expect(log).toContain('invalid secret provided');
    expect(log).not.toContain(client.secret);
    expect(log).not.toContain('hunter2');
  });

  it.each(['password', 'authorization_code', 'refresh_token', 'implicit', 'made-up', '__proto__'])(
    'does not know the grant type %s',
    async (grantType) => {
      const response = await sut.post({ ...CREDENTIALS, grant_type: grantType });

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'unsupported_grant_type' });
    },
  );

  it.each(['operator', 'conversations:read operator', 'openid', 'offline_access', '"', ' '])('refuses the scope %j', async (scope) => {
    const response = await sut.post({ ...GRANT, ...CREDENTIALS, scope });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_scope' });
  });

  it('gives tokens for its own audience only', async () => {
    expect((await sut.post({ ...GRANT, ...CREDENTIALS, resource: AUDIENCE })).status).toBe(200);
    const response = await sut.post({ ...GRANT, ...CREDENTIALS, resource: 'https://elsewhere.example' });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_target' });
  });

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    fetch(`${sut.url}/oauth/token`, { method: 'POST', body, headers });

  it.each([
    ['nothing', '', { 'content-type': FORM }],
    ['no form', '%%%=%zz&&&==&\0', { 'content-type': FORM }],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0, 0xd8]), { 'content-type': FORM }],
    ['an unknown charset', 'grant_type=client_credentials', { 'content-type': `${FORM}; charset=klingon` }],
    ['JSON', JSON.stringify({ ...GRANT, ...CREDENTIALS }), { 'content-type': 'application/json' }],
    ['plain text', 'grant_type=client_credentials', { 'content-type': 'text/plain' }],
    ['no content type that exists', 'a=b', { 'content-type': ';;;' }],
    ['100 kB', `a=${'x'.repeat(100_000)}`, { 'content-type': FORM }],
    ['a parameter twice', 'client_id=a&client_id=b&client_secret=c', { 'content-type': FORM }],
    ['a prototype', '__proto__=a&constructor=b&client_id[]=c', { 'content-type': FORM }],
    ['two ways to authenticate', `client_secret=a&client_id=b`, { 'content-type': FORM, ...basic('b', 'a') }],
    ['a broken header', 'grant_type=client_credentials', { 'content-type': FORM, authorization: 'Basic !!!' }],
    ['a bearer token', 'grant_type=client_credentials', { 'content-type': FORM, authorization: 'Bearer a.b.c' }],
  ])('refuses a body of %s', async (_, body, headers) => {
    const { status } = await post(body, headers);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('refuses 100 kB that come without a length', async () => {
    const body = new Blob(['x'.repeat(100_000)]).stream();

    const response = await fetch(`${sut.url}/oauth/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': FORM },
      duplex: 'half',
    });

    expect(response.status).toBe(400);
  });

  it('answers a browser in JSON too', async () => {
    const response = await sut.post({ ...GRANT, client_id: 'nobody', client_secret: 'x' }, { accept: 'text/html' });

    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  });

  it.each(['a\0b', 'é', 'x'.repeat(256), 'with space'])('does not look up a client id like %j', async (clientId) => {
    expect((await sut.post({ ...GRANT, client_id: clientId, client_secret: 'x' })).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('answers 500 without a word about why when the look-up fails, and logs it', async () => {
    const failing = await start({ findClient: () => Promise.reject(new Error('db.internal is down')) });

    const response = await failing.tokenFor(client);

    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('db.internal');
    expect(failing.lines).toMatchObject([{ level: 'error', detail: { error: { message: 'db.internal is down' } } }]);
  });
});
