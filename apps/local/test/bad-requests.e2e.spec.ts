import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { Problem, Session } from '#contracts';
import { type Api, newMember, send, sharedSystem } from '#testing';
import { AnswerWatch } from './answer-watch.js';

const UUID = '8f14e45f-ceea-467f-a8d1-0123456789ab';
const LISTS = ['/v1/sessions', '/v1/conversations'];
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

describe('a request that is not what its route takes', () => {
  const watch = AnswerWatch.start();
  const system = sharedSystem();
  let api: Api;
  let session: Session;
  let lists: string[];

  beforeAll(async () => {
    ({ api } = await newMember(system));
    session = await api.sandbox();
    lists = [...LISTS, `/v1/sessions/${session.id}/diagnostics`, `/v1/sandbox/${session.id}/messages`];
  });

  const create = (body: unknown, headers?: Record<string, string>) => api.request('POST', '/v1/sessions', body, headers);
  const raw = (path: string, method = 'GET', headers = {}) =>
    watch.raw(system.url, { path, method, headers: { authorization: `Bearer ${api.token}`, ...headers } });

  it.each([
    ['cut off', '{"driver":"sandbox"'],
    ['no JSON at all', 'driver=sandbox'],
    ['NaN', '{"driver":"sandbox","name":NaN}'],
    ['a trailing comma', '{"driver":"sandbox","name":"x",}'],
    ['two documents', '{"driver":"sandbox","name":"x"}{}'],
    ['a raw control character', '{"driver":"sandbox","name":"a\u0001b"}'],
    ['only a byte order mark', '\uFEFF'],
    ['nothing', ''],
  ])('answers 400 to a body that is not JSON: %s', async (_, body) => {
    const answer = await create(body);

    expect(answer.status).toBe(400);
  });

  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"sandbox"'],
    ['an array', '[]'],
    ['an object without anything', '{}'],
    ['an unknown kind', '{"driver":"telegram","name":"x"}'],
    ['a name that is a number', '{"driver":"sandbox","name":5}'],
    ['a name of white space', '{"driver":"sandbox","name":" \\n\\t "}'],
    ['a name of NUL bytes', '{"driver":"sandbox","name":"\\u0000\\u0000"}'],
    ['a name of 201 characters', JSON.stringify({ driver: 'sandbox', name: 'x'.repeat(201) })],
    ['a secret too short', '{"driver":"cloud","name":"x","phoneNumberId":"1","appSecret":"short","verifyToken":"0123456789abcdef"}'],
    [
      'a number with letters',
      '{"driver":"cloud","name":"x","phoneNumberId":"1a","appSecret":"0123456789abcdef","verifyToken":"0123456789abcdef"}',
    ],
    ['10,000 levels deep', `{"driver":"sandbox","name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['100,000 levels deep', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['an array of 100,000 items', JSON.stringify({ driver: 'sandbox', name: Array.from({ length: 100_000 }, () => 1) })],
    [
      '100,000 unknown fields',
      JSON.stringify({ driver: 'sandbox', name: 'x', ...Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1])) }),
    ],
  ])('answers 400 to JSON of another shape: %s', async (_, body) => {
    const answer = await create(body);

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000);
  });

  it('names the unknown field of a body', async () => {
    const answer = await create({ driver: 'sandbox', name: 'x', colour: 'red' });

    expect(answer.status).toBe(400);
    expect(Problem.parse(answer.body).errors).toEqual([{ path: expect.any(String), message: expect.stringContaining('colour') }]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('takes nothing from a field named %s', async (name) => {
    const answer = await create(`{"driver":"sandbox","name":"x","${name}":{"polluted":true,"prototype":{"polluted":true}}}`);

    // `prototype` is dropped, the others are refused
    expect(answer.status).toBe(name === 'prototype' ? 201 : 400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await api.request('GET', `/v1/sessions/${session.id}`)).body).not.toHaveProperty('polluted');
  });

  it('takes the last of a field said twice, or refuses it', async () => {
    const answer = await create('{"driver":"sandbox","name":"first","name":"last"}');

    expect([201, 400]).toContain(answer.status);
    if (answer.status === 201) expect(Session.parse(answer.body).name).toBe('last');
  });

  it('answers 413 to a body of 10 MB: at once when it is announced, else where it grows too large', async () => {
    const head = `POST /v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\nContent-Type: application/json\r\n`;
    const chunk = 4 * 1_048_576 + 1;
    // neither is sent to its end: an answer may get lost while a client still writes
    const announced = await speak(system.port, `${head}Content-Length: 10000000\r\n\r\n`);
    const chunked = await speak(system.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.toString(16)}\r\n${'x'.repeat(chunk)}\r\n`);

    for (const answer of [announced, chunked]) expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*problem\+json/);
    expect((await create({ driver: 'sandbox', name: 'x' })).status).toBe(201);
  });

  it.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
  ])('takes no body of type %s', async (type) => {
    const answer = await create('{"driver":"sandbox","name":"x"}', { 'content-type': type });

    expect([400, 415]).toContain(answer.status);
  });

  it('takes no body without a type, and no request without a body', async () => {
    const headers = { authorization: `Bearer ${api.token}` };
    const untyped = await watch.raw(system.url, { path: '/v1/sessions', method: 'POST', headers, body: '{"driver":"sandbox","name":"x"}' });
    const empty = await api.request('POST', '/v1/sessions');

    expect([400, 415]).toContain(untyped.status);
    expect(empty.status).toBe(400);
  });

  it.each([
    ['PUT', '/v1/sessions'],
    ['PATCH', '/v1/sessions'],
    ['DELETE', '/v1/conversations'],
    ['TRACE', '/v1/sessions'],
    ['PROPFIND', '/v1/sessions'],
    ['OPTIONS', '/v1/sessions'],
    ['POST', '/healthz'],
    ['GET', '/v1/realtime/tickets'],
  ])('answers 404 or 405 to %s %s', async (method, path) => {
    expect([404, 405]).toContain((await raw(path, method)).status);
  });

  it.each([
    '/v1',
    '/v1/nothing',
    '/v2/sessions',
    '/v1/sessions/../../etc/passwd',
    '/v1/sessions/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/docs/../../package.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '//etc/passwd',
    '/v1/sessions/%00',
    '/v1/sessions/%zz',
    '/v1/sessions/%',
    '/%ff%fe',
    `/v1/sessions/${'a'.repeat(2_000)}`,
    `/${'a/'.repeat(2_000)}`,
    '/ws',
  ])('answers a clear 4xx to the path %s', async (path) => {
    const answer = await raw(path);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toContain('root:');
  });

  it.each(['__proto__', 'constructor', 'toString', 'null', 'undefined', '0', '-1', "' or 1=1 --", '%00', `${UUID}%00`, `${UUID}x`, '💥'])(
    'answers a clear 4xx to the id %s',
    async (id) => {
      const path = encodeURI(id).replaceAll('%2500', '%00');
      for (const place of [
        `/v1/sessions/${path}`,
        `/v1/conversations/${path}/messages`,
        `/v1/messages/${path}/analysis`,
        `/v1/sandbox/${path}/messages`,
      ]) {
        expect([400, 404]).toContain((await raw(place)).status);
      }
    },
  );

  it('answers 404 to an id of nothing', async () => {
    const places = [
      `/v1/sessions/${UUID}`,
      `/v1/sessions/${UUID}/diagnostics`,
      `/v1/conversations/${UUID}`,
      `/v1/conversations/${UUID}/messages`,
    ];
    for (const place of places) expect((await api.request('GET', place)).status).toBe(404);
    expect((await api.request('POST', `/v1/conversations/${UUID}/messages`, { text: 'x' })).status).toBe(404);
    expect((await api.request('POST', `/v1/conversations/${UUID}/read`)).status).toBe(404);
    expect((await api.request('PATCH', `/v1/conversations/${UUID}`, { status: 'open' })).status).toBe(404);
    expect((await api.request('POST', `/v1/sandbox/${UUID}/messages`, { from: '5511987654321', text: 'x' })).status).toBe(404);
    expect((await api.request('DELETE', `/v1/sessions/${UUID}`)).status).toBe(404);
  });

  it.each(['0', '1000', '101', '-1', 'abc', '1.5', '', 'NaN', 'Infinity', '1e400', '50;drop', '1&limit=2'])(
    'answers 400 to limit=%s',
    async (limit) => {
      for (const list of lists) expect((await api.request('GET', `${list}?limit=${limit}`)).status).toBe(400);
    },
  );

  it.each([
    ['garbage', 'garbage'],
    ['not base64', '%00%01'],
    ['the empty text', ''],
    ['base64 of nothing', cursorOf('')],
    ['another shape', cursorOf({ at: 1 })],
    ['a bad instant', cursorOf(['yesterday', UUID])],
    ['a bad id', cursorOf(['2026-01-01T00:00:00.000Z', 'x'])],
    ['SQL', cursorOf(['2026-01-01T00:00:00.000Z', "'; drop table messages; --"])],
    ['a list too long', cursorOf(['2026-01-01T00:00:00.000Z', UUID, UUID, UUID])],
    ['600 characters', 'a'.repeat(600)],
  ])('answers 400 to a cursor no list made: %s', async (_, cursor) => {
    for (const list of lists) expect((await api.request('GET', `${list}?cursor=${cursor}`)).status).toBe(400);
  });

  it.each(['0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'lives with a cursor of the year in %s',
    async (at) => {
      for (const list of lists) expect([200, 400]).toContain((await api.request('GET', `${list}?cursor=${cursorOf([at, UUID])}`)).status);
    },
  );

  it.each([
    'colour=red',
    'status=asleep',
    'sessionId=x',
    'intent=__proto__',
    'status=open&status=pending',
    'cursor=a&cursor=b',
    '__proto__[x]=1',
  ])('answers 400 to the query %s', async (query) => {
    expect((await api.request('GET', `/v1/conversations?${query}`)).status).toBe(400);
  });

  it('answers a clear 4xx to headers without end and to bytes that are no HTTP', async () => {
    const long = await raw('/v1/sessions', 'GET', { 'x-long': 'x'.repeat(20_000) });
    const noHttp = await speak(system.port, 'HELLO\r\n\r\n');

    expect(long.status).toBe(431);
    expect(noHttp).toMatch(/^HTTP\/1\.1 400 [^]*problem\+json/);
  });

  it('answers a client that offers HTTP/2 as any other', async () => {
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA' };

    expect((await raw('/v1/sessions', 'GET', offer)).status).toBe(200);
  });

  it('still does its work', async () => {
    expect((await send(`${system.url}/healthz`, 'GET')).status).toBe(200);
    expect((await send(`${system.url}/readyz`, 'GET')).status).toBe(200);
    expect((await create({ driver: 'sandbox', name: 'after all that' })).status).toBe(201);
  });
});

/** Writes bytes to a port and gives what comes back first. */
function speak(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.on('error', reject);
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
      socket.destroy();
    });
  });
}
