import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Session } from '#contracts';
import {
  analysesOf,
  type Api,
  cloudMessage,
  cloudWebhook,
  conversationsOf,
  eventually,
  firstMember,
  type Member,
  messagesOf,
  newMember,
  postWebhook,
  ScreenClient,
  send,
  startSystem,
  type System,
} from '#testing';
import { askDatabase } from './behind.js';
import { Broker } from './broker.js';
import { processesOf, serversOf } from './processes.js';
import { formsOf, tracesOf } from './traces.js';

const secretWord = () => `Segredo${randomBytes(9).toString('hex')}`;
const canaries = {
  inbound: secretWord(),
  reply: secretWord(),
  name: secretWord(),
  phone: `55119${randomInt(10_000_000, 99_999_999)}`,
  appSecret: secretWord(),
  verifyToken: secretWord(),
  organisation: secretWord(),
};
const phoneNumberId = String(randomInt(1e12));

describe('what customers write and what opens doors', () => {
  let system: System;
  let member: Member;
  let secrets: Record<string, string>;
  let confidential: Record<string, string>;

  beforeAll(async () => {
    system = await startSystem();
    member = await newMember(system, canaries.organisation);
    secrets = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(join(system.dataDir, 'secrets.json'), 'utf8')));
    const password = /First administrator, shown this once: \S+ \/ (\S+)/.exec(system.output())?.[1] ?? '';
    expect(password.length).toBeGreaterThan(10);
    confidential = {
      ...canaries,
      clientSecret: member.credentials.client_secret,
      accessToken: member.api.token.split('.')[2] ?? '',
      password,
    };
    await converse(member.api);
    await fail(member.api, member.credentials.client_secret);
    await poison(system, member);
  });
  afterAll(async () => {
    await system?.stop();
    await system?.remove();
  });

  it('is in no file while the system runs', async () => {
    await askDatabase(system, 'checkpoint');

    expect(await tracesOf(system.dataDir, confidential)).toEqual({});
  });

  it('would be found if it were, in whatever form', async () => {
    const forms = formsOf(canaries.inbound);
    expect(forms.length).toBeGreaterThan(5);

    for (const form of forms) {
      const planted = join(system.dataDir, 'logs', 'planted');
      await writeFile(planted, Buffer.concat([randomBytes(7), form, randomBytes(7)]));
      expect(await tracesOf(join(system.dataDir, 'logs'), { inbound: canaries.inbound })).toEqual({ inbound: ['planted'] });
      await rm(planted);
    }
    const clear = await tracesOf(system.dataDir, { table: 'conversation_id', route: '/v1/webhooks/cloud', event: 'message.received' });
    expect(clear['table']?.some((file) => file.startsWith('postgres/base/'))).toBe(true);
    expect(clear['table']?.some((file) => file.startsWith('postgres/pg_wal/'))).toBe(true);
    expect(clear['route']).toContain('logs/alra.log');
  });

  it('is not on the command line or in the environment of a server', () => {
    const { postgres, nats, redis } = serversOf(system.dataDir);
    expect([postgres, nats, redis].map((pids) => pids.length)).toEqual([1, 1, 1]);
    const processes = processesOf(system.dataDir);
    expect(processes.map(({ pid }) => pid)).toEqual(expect.arrayContaining([system.pid, ...postgres, ...nats, ...redis]));

    for (const { pid, argv } of processes) {
      const shown = `${argv.join(' ')} ${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
      for (const secret of [...Object.values(secrets), ...Object.values(confidential)]) expect(shown).not.toContain(secret);
    }
  });

  it('stays in the files that are made for it, which nobody else may read', async () => {
    const places = await tracesOf(system.dataDir, {
      ...secrets,
      operatorSecret: system.credentials.client_secret,
      firstClientSecret: system.credentials.organisation.client_secret,
    });

    expect(places).toEqual({
      postgresAdminPassword: ['secrets.json'],
      postgresOwnerPassword: ['secrets.json'],
      postgresLoginPassword: expect.arrayContaining(['secrets.json', 'app.env']),
      natsPassword: expect.arrayContaining(['secrets.json', 'app.env']),
      natsStoreKey: expect.arrayContaining(['secrets.json']),
      redisPassword: expect.arrayContaining(['secrets.json', 'app.env']),
      masterKey: expect.arrayContaining(['secrets.json']),
      operatorSecret: ['credentials.json'],
      firstClientSecret: ['credentials.json'],
    });
    const files = [...new Set(Object.values(places).flat())].toSorted();
    expect(files).toEqual(['app.env', 'credentials.json', 'master.key', 'nats/nats.conf', 'redis/redis.conf', 'secrets.json']);
    for (const file of files) expect([file, (await stat(join(system.dataDir, file))).mode & 0o077]).toEqual([file, 0]);
  });

  it('is in no file after the system stopped, when everything is on disk', async () => {
    await system.stop();

    expect(await tracesOf(system.dataDir, confidential)).toEqual({});
  });
});

/** A conversation in which every canary is used as it is meant to be. */
async function converse(api: Api): Promise<void> {
  const { appSecret, verifyToken, inbound, name, phone, reply } = canaries;
  const body = { driver: 'cloud', name: 'Cloud', phoneNumberId, appSecret, verifyToken };
  const line = await api.call(Session, 'POST', '/v1/sessions', body);
  const message = cloudMessage({ from: phone, text: { body: `Quanto custa "${inbound}"?\nÉ segredo: ção 👋` } });
  const webhook = cloudWebhook(phoneNumberId, [message], { contacts: [{ profile: { name }, wa_id: phone }] });
  expect((await postWebhook(api.url, webhook, appSecret)).status).toBe(200);
  const challenge = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': '42' });
  expect((await send(`${api.url}/v1/webhooks/cloud?${challenge.toString()}`, 'GET')).status).toBe(200);
  const sandbox = await api.sandbox();
  const written = await api.request('POST', `/v1/sandbox/${sandbox.id}/messages`, { from: phone, name, text: inbound });
  expect(written.status).toBe(202);
  for (const { id } of [line, sandbox]) {
    const [first] = await eventually(async () => {
      const found = await messagesOf(api, id);
      return found.length > 0 ? found : undefined;
    }, 'the message');
    await eventually(async () => (await analysesOf(api, first?.id ?? ''))[0], 'its analysis');
    const [conversation] = await conversationsOf(api, id);
    const path = `/v1/conversations/${conversation?.id}/messages`;
    expect((await api.request('POST', path, { text: reply }, { 'idempotency-key': `key-${id}` })).status).toBe(201);
  }
}

/** Requests that are refused, with canaries wherever one can stand. */
async function fail(api: Api, clientSecret: string): Promise<void> {
  const { inbound, phone, name, appSecret, verifyToken, reply } = canaries;
  const webhook = cloudWebhook(phoneNumberId, [cloudMessage({ from: phone, text: { body: inbound } })]);
  const [conversation] = await conversationsOf(api);
  const grant = { grant_type: 'client_credentials', client_id: name, client_secret: clientSecret };
  const answers = await Promise.all([
    api.request('POST', `/v1/sandbox/${conversation?.sessionId}/messages`, { from: `${phone}x`, text: inbound, name }),
    api.request('POST', `/v1/conversations/${conversation?.id}/messages`, { text: reply, [inbound]: phone }),
    api.request('POST', `/v1/conversations/${conversation?.id}/messages`, `{"text": "${reply}`),
    api.request('POST', '/v1/sessions', { driver: 'cloud', name, phoneNumberId: inbound, appSecret, verifyToken }),
    api.request('GET', `/v1/conversations?phone=${phone}&text=${inbound}`),
    api.request('GET', `/v1/conversations/${phone}/messages?cursor=${inbound}`),
    api.request('GET', `/v1/${inbound}/${name}`),
    api.request('GET', '/v1/conversations', undefined, { authorization: `Bearer ${api.token}x` }),
    postWebhook(api.url, webhook, `${appSecret}x`),
    postWebhook(api.url, `{"object": "${inbound}`, appSecret),
    send(`${api.url}/v1/webhooks/cloud?hub.mode=${name}&hub.verify_token=${verifyToken}&hub.challenge=${phone}`, 'GET'),
    send(`${api.url}/oauth/token`, 'POST', new URLSearchParams(grant).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
  ]);
  for (const { status } of answers) expect([400, 401, 403, 404, 422]).toContain(status);
  const screen = await ScreenClient.raw(api.url, JSON.stringify({ type: 'hello', ticket: appSecret, cursor: inbound }));
  await screen.until(() => screen.closed !== undefined);
}

/** Messages on the bus that no handler can take: what is not JSON, no envelope, no event, and what the database refuses. */
async function poison(system: System, { organisationId }: Member): Promise<void> {
  const { inbound, name, phone } = canaries;
  const first = await firstMember(system);
  const now = Date.now();
  const data = {
    messageId: first.organisationId,
    sessionId: first.organisationId,
    driver: 'sandbox',
    providerId: `no\0${inbound}`,
    from: { kind: 'phone', value: phone },
    alsoKnownAs: [],
    name,
    type: 'text',
    providerType: `${inbound}\0`,
    text: inbound,
    timestamp: new Date(now).toISOString(),
    timeFlag: null,
    quotedProviderId: null,
  };
  const envelope = { v: 1, org: organisationId, at: now, since: now, trace: '', data };
  const bodies = [
    `{"text": "${inbound}`,
    JSON.stringify({ inbound, phone, name }),
    JSON.stringify({ ...envelope, data: { ...data, from: inbound, type: name } }),
    JSON.stringify(envelope),
  ];
  await Broker.ask(system, async (broker) => {
    for (const body of bodies) await broker.put(`inbox.message.received.${organisationId}.x`, body);
    await eventually(async () => ((await broker.count('DEAD')) >= bodies.length ? true : undefined), 'the dead letters');
    expect(await broker.count('DEAD')).toBe(bodies.length);
  });
}
