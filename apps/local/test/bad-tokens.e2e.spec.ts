import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Member, firstMember, newMember, operatorOf, send, sharedSystem } from '#testing';
import { AnswerWatch } from './answer-watch.js';
import { signingKeyOf } from './behind.js';

const now = () => Math.floor(Date.now() / 1_000);

describe('an access token', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;
  let key: Record<string, string>;

  beforeAll(async () => {
    member = await firstMember(system);
    key = await signingKeyOf(system);
  });

  const claims = () => ({ scope: 'sessions:read', org: member.organisationId, client_id: member.credentials.client_id, jti: 'x' });
  /** A token as the issuer would sign it, but for what the test changes. */
  const forge = (
    change: (token: SignJWT) => SignJWT = (token) => token,
    header: Record<string, unknown> = {},
    payload: Record<string, unknown> = {},
  ) =>
    change(
      new SignJWT({ ...claims(), ...payload })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key['kid'] ?? '', ...header })
        .setIssuer(system.url)
        .setAudience('alra')
        .setSubject(member.credentials.client_id)
        .setIssuedAt()
        .setExpirationTime('5m'),
    ).sign(key);
  const call = async (token: string) =>
    (await send(`${system.url}/v1/sessions`, 'GET', undefined, { authorization: `Bearer ${token}` })).status;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('lets in when it is as the issuer makes it, which shows that the refusals below are for their reason alone', async () => {
    expect(await call(await forge())).toBe(200);
  });

  it('must be there, in its header and in its form', async () => {
    const url = `${system.url}/v1/sessions`;
    const { token } = member.api;
    const headers = [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      token,
      `Bearer ${token} ${token}`,
      `Bearer ${'a'.repeat(5_000)}`,
      'Bearer a b',
      'Bearer \u00e9',
    ];

    expect((await send(url, 'GET')).status).toBe(401);
    for (const authorization of headers) expect((await send(url, 'GET', undefined, { authorization })).status).toBe(401);
    expect((await send(`${url}?access_token=${token}`, 'GET')).status).toBe(401);
    expect((await send(url, 'GET', undefined, { cookie: `access_token=${token}` })).status).toBe(401);
  });

  it.each(['x', 'a.b.c', '..', 'e30.e30.', 'null', '\u007b\u007d', 'ey.ey.ey', `${'a'.repeat(3_000)}.b.c`])(
    'is refused when it is garbage: %s',
    async (garbage) => {
      expect(await call(garbage)).toBe(401);
    },
  );

  it('is refused once it has ended, before it begins, and without an end', async () => {
    expect(await call(await forge((token) => token.setExpirationTime(now() - 60)))).toBe(401);
    expect(await call(await forge((token) => token.setNotBefore(now() + 600)))).toBe(401);
    const { exp: _, ...endless } = { exp: 0, ...claims(), iss: system.url, aud: 'alra', sub: 'x', iat: now() };
    const unending = new SignJWT(endless).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key['kid'] ?? '' });
    expect(await call(await unending.sign(key))).toBe(401);
  });

  it('is refused for another audience, issuer or kind', async () => {
    expect(await call(await forge((token) => token.setAudience('somebody-else')))).toBe(401);
    expect(await call(await forge((token) => token.setIssuer('https://evil.example')))).toBe(401);
    expect(await call(await forge((token) => token.setIssuer(`${system.url}/`)))).toBe(401);
    expect(await call(await forge(undefined, { typ: 'JWT' }))).toBe(401);
    expect(await call(await forge(undefined, { typ: undefined }))).toBe(401);
  });

  it('is refused with claims of another shape', async () => {
    expect(await call(await forge(undefined, {}, { org: 'x' }))).toBe(401);
    expect(await call(await forge(undefined, {}, { org: 5 }))).toBe(401);
    expect(await call(await forge(undefined, {}, { scope: ['sessions:read'] }))).toBe(401);
    expect(await call(await forge((token) => token.setSubject('')))).toBe(401);
  });

  it('is refused unsigned, and signed with what is no key of ours', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const body = { ...claims(), iss: system.url, aud: 'alra', sub: 'x', iat: now(), exp: now() + 300 };
    const none = new UnsecuredJWT(body).encode();
    const publicPem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
    const confused = `${part({ alg: 'HS256', typ: 'at+jwt', kid: key['kid'] })}.${part(body)}`;
    const hmac = createHmac('sha256', publicPem).update(confused).digest('base64url');
    const byStranger = new SignJWT(body).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key['kid'] ?? '' }).sign(stranger);
    const [head = '', payload = '', signature = ''] = (await forge()).split('.');

    for (const alg of ['none', 'None', 'nOnE', '']) expect(await call(`${part({ alg, typ: 'at+jwt' })}.${part(body)}.`)).toBe(401);
    expect(await call(none)).toBe(401);
    expect(await call(`${confused}.${hmac}`)).toBe(401);
    expect(await call(await byStranger)).toBe(401);
    expect(await call(`${head}.${payload}.`)).toBe(401);
    expect(await call(`${head}.${payload}.${'A'.repeat(86)}`)).toBe(401);
    expect(await call(`${head}.${part({ ...body, scope: 'operator' })}.${signature}`)).toBe(401);
  });

  it('brings no key of its own', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const body = { ...claims(), iss: system.url, aud: 'alra', sub: 'x', iat: now(), exp: now() + 300 };
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'ES256' };
    const headers = [
      { jwk },
      { jku: 'http://127.0.0.1:1/jwks' },
      { x5u: 'http://127.0.0.1:1/x' },
      { kid: '../../../dev/null' },
      { kid: "' or 1=1 --" },
      { crit: ['b64'], b64: false },
    ];

    for (const header of headers) {
      const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'mine', ...header })}.${part(body)}`;
      const token = new SignJWT(body).setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        kid: 'mine',
        ...('crit' in header ? {} : header),
      });
      const signature = (await token.sign(privateKey)).split('.')[2];
      expect(await call(`${signed}.${signature}`)).toBe(401);
    }
  });

  it('of another organisation reaches nothing of ours', async () => {
    const session = await member.api.sandbox();
    const other = await newMember(system);
    const operator = await operatorOf(system);

    expect((await other.api.request('GET', `/v1/sessions/${session.id}`)).status).toBe(404);
    expect((await other.api.request('DELETE', `/v1/sessions/${session.id}`)).status).toBe(404);
    expect((await other.api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: '5511987654321', text: 'x' })).status).toBe(404);
    expect((await operator.request('GET', `/v1/sessions/${session.id}`)).status).toBe(403);
  });

  it('is not given for a wrong secret, an unknown client, another grant or scopes beyond the client', async () => {
    const { client_id, client_secret } = member.credentials;
    const grant = 'client_credentials';
    const asks: Record<string, string>[] = [
      { grant_type: grant, client_id, client_secret: `${client_secret}x` },
      { grant_type: grant, client_id, client_secret: '' },
      { grant_type: grant, client_id },
      { grant_type: grant, client_id: 'nobody', client_secret },
      { grant_type: grant, client_id: '8f14e45f-ceea-467f-a8d1-0123456789ab', client_secret },
      { grant_type: grant, client_id: '\0', client_secret: '\0' },
      { grant_type: 'password', client_id, client_secret, username: 'admin@alra.local', password: 'x' },
      { grant_type: grant, client_id, client_secret, scope: 'operator' },
      { client_id, client_secret },
      {},
    ];
    for (const ask of asks) {
      const response = await fetch(`${system.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(ask) });
      expect([400, 401]).toContain(response.status);
      expect(await response.json()).toHaveProperty('error');
    }
    for (const body of ['{"grant_type":"client_credentials"}', '\u0000', 'a=%zz&b', `client_id=${'x'.repeat(100_000)}`]) {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const { status } = await fetch(`${system.url}/oauth/token`, { method: 'POST', body, headers: type });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    for (const path of [
      '/oauth/authorize',
      '/oauth/userinfo',
      '/oauth/nothing',
      '/.well-known/nothing',
      '/oauth/../v1/sessions',
      '/oauth/token',
    ]) {
      expect((await fetch(system.url + path)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
