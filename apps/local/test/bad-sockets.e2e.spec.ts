import { once } from 'node:events';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { INSTALLATION } from '#contracts';
import { FileKeyStore } from '#crypto';
import { Api, type Member, newMember, ScreenClient, sharedSystem } from '#testing';
import { AnswerWatch } from './answer-watch.js';
import { environmentOf, signingKeyOf } from './behind.js';

const LIMIT_MS = 12_000;

describe('the socket', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let member: Member;
  let silent: ScreenClient;

  beforeAll(async () => {
    member = await newMember(system);
    // says nothing that counts; the last test looks what became of it
    silent = await ScreenClient.mute(system.url);
  });

  const ticketOf = async (api: Api = member.api) =>
    (await api.call(z.object({ ticket: z.string() }), 'POST', '/v1/realtime/tickets')).ticket;
  const raw = (hello: unknown, headers?: Record<string, string>) => ScreenClient.raw(system.url, hello, headers);
  /** The code an unwelcome client is sent away with, and what it was told before. */
  const dismissed = async (screen: ScreenClient) => {
    await screen.until(() => screen.closed !== undefined, LIMIT_MS);
    return { code: screen.closed?.code, frames: screen.frames };
  };

  it('opens for a page of ours and for programs, which have no origin', async () => {
    for (const headers of [{}, { origin: system.url }]) {
      const screen = await raw({ type: 'hello', ticket: await ticketOf() }, headers);
      await screen.until(() => screen.frames.length > 0);
      expect(screen.frames[0]?.type).toBe('ready');
      screen.cut();
    }
  });

  it.each(['https://evil.example', 'null', 'http://localhost', 'https://localhost:1', 'file://', ''])(
    'stays shut for a page of "%s"',
    async (origin) => {
      const own = system.url.replace('localhost', 'localhost.evil.example');
      for (const stranger of [origin, own]) {
        if (stranger === '') continue; // no browser sends an empty origin
        await expect(raw({ type: 'hello', ticket: await ticketOf() }, { origin: stranger })).rejects.toThrow('403');
      }
    },
  );

  it.each(['/ws/', '/ws2', '/', '/v1/ws', '/ws/../x'])('is not at %s', async (path) => {
    const socket = new WebSocket(system.url.replace('http', 'ws') + path);
    const [error] = (await once(socket, 'error')) as [Error];

    expect(error.message).toContain('404');
  });

  it('takes no ticket from its address, and no handshake that is none', async () => {
    const screen = await ScreenClient.mute(system.url, `/ws?ticket=${await ticketOf()}`);
    const answers = await Promise.all([
      speak(system.port, 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      speak(system.port, 'GET http://%zz/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      speak(system.port, 'GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    ]);

    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(screen.frames).toEqual([]);
    screen.cut();
  });

  it.each([
    ['no JSON', 'hello'],
    ['a number', '7'],
    ['another type', { type: 'bye', ticket: 'x' }],
    ['no ticket', { type: 'hello' }],
    ['a ticket that is a number', { type: 'hello', ticket: 7 }],
    ['an unknown field', { type: 'hello', ticket: 'x', colour: 'red' }],
    ['a cursor that is a number', { type: 'hello', ticket: 'x', cursor: 7 }],
    ['a cursor of 200 characters', { type: 'hello', ticket: 'x', cursor: 'c'.repeat(200) }],
    ['5,000 levels', '['.repeat(5_000) + ']'.repeat(5_000)],
    ['NUL bytes', '\0\0\0'],
  ])('sends away who says %s, and says what to say', async (_, hello) => {
    const { code, frames } = await dismissed(await raw(hello));

    expect(code).toBe(4401);
    expect(frames).toEqual([{ type: 'error', code: 'frame', detail: expect.stringContaining('hello') }]);
  });

  it('sends away who says it in binary', async () => {
    const screen = await ScreenClient.mute(system.url);
    screen.send(Buffer.from([0xff, 0xfe, 0x00, 0x80]));

    expect((await dismissed(screen)).code).toBe(4401);
  });

  it("sends away whose ticket is none, was changed, or is somebody else's word", async () => {
    const ticket = await ticketOf();
    const [body = '', signature = ''] = ticket.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const raised = Buffer.from(JSON.stringify({ ...claims, until: Date.now() + 1e9, expires: 1e10 })).toString('base64url');
    const tickets = [
      '',
      'x',
      '.',
      'a.b',
      `${body}.`,
      `.${signature}`,
      `${body}.${signature}.x`,
      `${body}.${signature.slice(2)}AA`,
      `${raised}.${signature}`,
      member.api.token.slice(0, 1_000),
    ];

    for (const bad of tickets) {
      const { code, frames } = await dismissed(await raw({ type: 'hello', ticket: bad }));
      expect(code).toBe(4401);
      expect(frames).toEqual([expect.objectContaining({ type: 'error', code: 'ticket' })]);
    }
  });

  it('takes a ticket once, though it be shown five times at once', async () => {
    const ticket = await ticketOf();
    const screens = await Promise.all(Array.from({ length: 5 }, () => raw({ type: 'hello', ticket })));
    await Promise.all(screens.map((screen) => screen.until(() => screen.frames.length > 0)));

    expect(screens.filter((screen) => screen.frames[0]?.type === 'ready')).toHaveLength(1);
    expect((await dismissed(await raw({ type: 'hello', ticket }))).code).toBe(4401);
    for (const screen of screens) screen.cut();
  });

  it('takes no ticket after its half minute', async () => {
    const { KEYS_DIR, MASTER_KEY_FILE } = await environmentOf(system);
    const keys = await (await FileKeyStore.open(KEYS_DIR ?? '', MASTER_KEY_FILE ?? '')).of(INSTALLATION);
    const [body = ''] = (await ticketOf()).split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const ticketUntil = (until: number) => {
      const text = Buffer.from(JSON.stringify({ ...claims, nonce: String(until), until })).toString('base64url');
      return `${text}.${keys.hash('realtime-ticket', text).toString('base64url')}`;
    };
    const late = await dismissed(await raw({ type: 'hello', ticket: ticketUntil(Date.now() - 1) }));
    const early = await raw({ type: 'hello', ticket: ticketUntil(Date.now() + 5_000) });
    await early.until(() => early.frames.length > 0);

    expect(late.code).toBe(4401);
    expect(early.frames[0]?.type).toBe('ready');
    early.cut();
  });

  it('closes on a frame of 20 kB, in one piece or in many', async () => {
    const whole = await raw('x'.repeat(20_000));
    const pieces = await ScreenClient.mute(system.url);
    for (let piece = 0; piece < 17; piece += 1) pieces.send('x'.repeat(1_000), { fin: false });

    expect((await dismissed(whole)).code).toBe(1009);
    expect((await dismissed(pieces)).code).toBe(1009);
  });

  it('closes on a word after the hello: there is nothing more to say', async () => {
    const screen = await ScreenClient.open(member.api);
    screen.send('{"type":"hello"}');

    expect((await dismissed(screen)).code).toBe(4401);
  });

  it('closes when the token behind its ticket ends', async () => {
    const key = await signingKeyOf(system);
    const token = await new SignJWT({ scope: 'realtime', org: member.organisationId })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key['kid'] ?? '' })
      .setIssuer(system.url)
      .setAudience('alra')
      .setSubject('somebody')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1_000) + 2)
      .sign(key);
    const screen = await ScreenClient.open(Api.holding(system.url, token));

    expect(screen.frames[0]?.type).toBe('ready');
    expect((await dismissed(screen)).code).toBe(4403);
  });

  it('closes on who says nothing at all for ten seconds', async () => {
    expect((await dismissed(silent)).code).toBe(4409);
  });

  it('still opens', async () => {
    const screen = await ScreenClient.open(member.api);

    expect(screen.frames[0]?.type).toBe('ready');
    screen.cut();
  });
});

/** Writes bytes to a port and reads what comes back first. */
function speak(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
      socket.destroy();
    });
    socket.once('close', () => resolve('closed without a word'));
    socket.once('error', reject);
  });
}
