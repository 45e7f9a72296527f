import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePort } from '#embedded';
import { Api, conversationsOf, deliveriesOf, eventually, messagesOf, ScreenClient, send, startWorld, type World } from '#testing';

const APPS = ['user', 'config', 'session', 'message', 'analysis', 'notification', 'gateway'] as const;
type App = (typeof APPS)[number];

/** What each app must be told, beside what it may be. */
const DATA = ['NATS_URL', 'DATABASE_URL', 'KEYS_DIR', 'MASTER_KEY_FILE'];
const NEEDS: Record<App, readonly string[]> = {
  user: [...DATA, 'PUBLIC_URL'],
  config: [...DATA, 'REDIS_URL'],
  session: DATA,
  message: DATA,
  analysis: [...DATA, 'REDIS_URL'],
  notification: ['NATS_URL'],
  gateway: ['NATS_URL', 'REDIS_URL', 'KEYS_DIR', 'MASTER_KEY_FILE', 'PUBLIC_URL'],
};
const Credentials = z.object({ organisation: z.object({ client_id: z.string(), client_secret: z.string() }) });

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  readonly ops: string;
  /** what it says to whoever started it */
  readonly read: () => string;
  readonly log: () => string;
}

describe('each app in a process of its own', () => {
  let world: World;
  let publicUrl: string;
  let environment: Record<string, string>;
  const running = new Map<App, Running>();

  beforeAll(async () => {
    world = await startWorld();
    const [port, issuerPort] = [await freePort(), await freePort()];
    publicUrl = `http://localhost:${port}`;
    environment = {
      ...world.environment,
      PUBLIC_URL: publicUrl,
      PORT: String(port),
      ISSUER_PORT: String(issuerPort),
      ISSUER_URL: `http://127.0.0.1:${issuerPort}`,
      CREDENTIALS_FILE: join(world.directory, 'credentials.json'),
      LOG_LEVEL: 'warn',
    };
    await Promise.all(APPS.map(async (app) => running.set(app, await start(app))));
  });
  afterAll(async () => {
    for (const { child } of running.values()) child.kill('SIGKILL');
    await world?.stop();
  });

  const start = async (app: App): Promise<Running> => {
    const port = await freePort();
    return { ...launch(app, { ...environment, OPS_PORT: String(port) }), ops: `http://127.0.0.1:${port}` };
  };
  const at = (app: App): Running => running.get(app)!;
  const readyAs = (app: App, status: number) =>
    eventually(
      async () => {
        const answer = await send(`${at(app).ops}/readyz`, 'GET').catch(() => undefined);
        return answer?.status === status ? answer : undefined;
      },
      `${app} to answer ${status} at /readyz: ${at(app).read()}`,
      45_000, // seven processes start at once, on machines that do other things too
    );
  const connect = async () =>
    Api.connect(publicUrl, Credentials.parse(JSON.parse(await readFile(join(world.directory, 'credentials.json'), 'utf8'))).organisation);

  it.each(APPS)('is ready, alive and measured: %s', async (app) => {
    const ready = await readyAs(app, 200);
    const metrics = await send(`${at(app).ops}/metrics`, 'GET');

    expect(ready.body).toMatchObject({ ready: true, checks: { [`${app}: nats`]: 'ok' } });
    expect((await send(`${at(app).ops}/healthz`, 'GET')).status).toBe(200);
    expect(metrics.status).toBe(200);
    expect(metrics.body).toMatch(/^# TYPE alra_stage_seconds histogram$/m);
    expect(metrics.body).toMatch(/^process_resident_memory_bytes \d/m);
    expect((await send(`${at(app).ops}/secrets`, 'GET')).status).toBe(404);
    expect(at(app).read()).toContain(`alra ${app} is running\n`);
  });

  it('works together with the others as in one process', async () => {
    const api = await connect();
    const session = await api.sandbox();
    const screen = await ScreenClient.open(api);
    await api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: '5511987654321', name: 'Marina', text: 'Oi, quanto custa?' });
    await screen.until(() => screen.events('message.analysed').length === 1);
    const [conversation] = await conversationsOf(api, session.id);
    const reply = await api.request('POST', `/v1/conversations/${conversation?.id}/messages`, { text: 'Custa R$ 100' });

    expect(reply.status).toBe(201);
    const received = await eventually(async () => (await deliveriesOf(api, session.id))[0], 'the delivery');
    expect(received).toMatchObject({ to: '5511987654321', text: 'Custa R$ 100' });
    screen.cut();
  });

  it('is not ready without its broker, and is again when it is back, with nothing to be done', async () => {
    await world.killNats();
    const away = await Promise.all(APPS.map((app) => readyAs(app, 503)));
    for (const [index, { body }] of away.entries())
      expect(body).toMatchObject({ ready: false, checks: { [`${APPS[index]}: nats`]: 'away' } });
    const api = await connect();
    expect((await api.request('GET', '/v1/sessions')).status).toBe(503);

    await world.restartNats();
    await Promise.all(APPS.map((app) => readyAs(app, 200)));
    const session = await api.sandbox();
    await api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: '5511987654321', text: 'Ainda estão aí?' });
    await eventually(async () => (await messagesOf(api, session.id))[0], 'a message after the broker came back');
    for (const app of APPS) expect(at(app).child.exitCode).toBeNull();
  });

  it('of which one ends takes no other with it: the message waits', async () => {
    const api = await connect();
    const session = await api.sandbox();
    at('message').child.kill('SIGKILL');
    await at('message').ended;
    const written = await api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: '5511987654321', text: 'Alguém?' });
    expect(written.status).toBe(202);
    expect((await api.request('GET', '/v1/conversations')).status).toBe(503);

    running.set('message', await start('message'));
    await readyAs('message', 200);
    expect((await eventually(async () => (await messagesOf(api, session.id))[0], 'the message')).text).toBe('Alguém?');
  });

  it.each(APPS.toReversed())('ends with 0 soon after SIGTERM: %s', async (app) => {
    const began = performance.now();
    at(app).child.kill('SIGTERM');

    expect(await at(app).ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    await expect(send(`${at(app).ops}/healthz`, 'GET')).rejects.toThrow();
  });

  it.each(APPS)('without a variable says in one line which, and ends with 1: %s', async (app) => {
    const none = launch(app, {});
    const [last = ''] = NEEDS[app].slice(-1);
    const one = launch(app, { ...environment, OPS_PORT: '0', [last]: undefined });

    expect([await none.ended, await one.ended]).toEqual([1, 1]);
    for (const [lines, missing] of [
      [none.read(), NEEDS[app]],
      [one.read(), [last]],
    ] as const) {
      expect(lines).toMatch(/^alra cannot start: [^\n]*\n$/);
      for (const name of missing) expect(lines).toContain(name);
    }
    expect(one.read().match(/[A-Z]+_[A-Z_]+/g)).toEqual([last]);
  });

  it('with a database role that could pass row-level security refuses to start', async () => {
    // options of the URL's own take the place of those that make every connection alra_app
    const unsafe = { ...environment, OPS_PORT: '0', DATABASE_URL: `${world.ownerUrl}?options=-c%20search_path%3Dpublic` };
    const refused = APPS.filter((app) => NEEDS[app].includes('DATABASE_URL')).map((app) => launch(app, unsafe));

    expect(await Promise.all(refused.map(({ ended }) => ended))).toEqual([1, 1, 1, 1, 1]);
    for (const { read } of refused) {
      expect(read()).toMatch(/^alra cannot start: the database role alra_owner could pass row-level security: [^\n]*\n$/m);
      expect(read()).not.toContain('is running');
    }
  });

  it('without a broker says so in one line, without its password, and ends with 1', async () => {
    const nowhere = `nats://alra:hunter2@127.0.0.1:${await freePort()}`;
    const lost = launch('notification', { ...environment, NATS_URL: nowhere, OPS_PORT: '0' });

    expect(await lost.ended).toBe(1);
    expect(lost.read()).toMatch(/^alra cannot start: NATS does not answer[^\n]*\n$/);
    expect(lost.read() + lost.log()).not.toContain('hunter2');
  });
});

/** Starts a built app with these variables and nothing of ours. */
function launch(app: App, variables: Record<string, string | undefined>): Omit<Running, 'ops'> {
  const program = join(process.cwd(), 'dist', 'apps', app, 'src', 'main.js');
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'], ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const collect = (stream: Readable) => {
    const chunks: string[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    return () => chunks.join('');
  };
  const ended = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as string));
  return { child, ended, read: collect(child.stderr), log: collect(child.stdout) };
}
