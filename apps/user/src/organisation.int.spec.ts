import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Delivered } from '#bus';
import { type ApiClientCreate, INSTALLATION, OrganisationCreate, ORGANISATION_SCOPES } from '#contracts';
import { CommandAnswers, Database } from '#db';
import { delivered, newOrganisation, query, startWorld, type World } from '#testing';
import { FirstStartService } from './first-start.service.js';
import { hashClientSecret } from './issuer/issuer-client.js';
import { PasswordService } from './issuer/password.js';
import { OrganisationService } from './organisation.service.js';
import { UserConsumer } from './user.consumer.js';
import { UserRepository } from './user.repository.js';

const Client = z.object({ client_id: z.string(), client_secret: z.string() });
const CredentialsFile = Client.extend({ url: z.string(), token_endpoint: z.string(), organisation: Client.extend({ id: z.string() }) });

let world: World;
let database: Database;
let users: UserRepository;
let organisations: OrganisationService;
let consumer: UserConsumer;
const passwords = new PasswordService();

const wishFor = (overrides: Partial<OrganisationCreate> = {}): Delivered<OrganisationCreate> => {
  const email = `${randomUUID()}@empresa.com.br`;
  const data = { organisationId: randomUUID(), name: 'Padaria São João', administrator: { username: 'Ana', email }, ...overrides };
  return delivered(data, {
    organisationId: INSTALLATION,
    by: 'operator',
    idempotency: { client: 'op', key: randomUUID(), requestHash: 'h' },
  });
};
const rowsOf = (table: string, organisationId: string) =>
  query<{ n: number }>(world.adminUrl, `select count(*)::int as n from ${table} where org_id = $1`, [organisationId]).then(
    ([row]) => row?.n,
  );
const userOf = async (organisationId: string) => {
  const [row] = await query<{ id: string; password_hash: string; role: string }>(
    world.adminUrl,
    'select id::text, password_hash, role from users where org_id = $1',
    [organisationId],
  );
  return row;
};

beforeAll(async () => {
  world = await startWorld();
  database = new Database({ app: 'user', url: world.databaseUrl });
  users = new UserRepository(database);
  organisations = new OrganisationService(database, new CommandAnswers(database, 'user'), world.keyStore, passwords, users);
  consumer = new UserConsumer(organisations);
});

afterAll(async () => {
  await database?.close();
  await world?.stop();
});

describe(FirstStartService.name, () => {
  const file = (name: string) => join(world.directory, name);
  const firstStart = (credentialsFile: string | undefined, rows = users) =>
    new FirstStartService(database, world.keyStore, passwords, rows, { publicUrl: 'http://localhost:8080', credentialsFile });
  const read = async (path: string) => CredentialsFile.parse(JSON.parse(await readFile(path, 'utf8')));
  const emptied = () => query(world.adminUrl, 'delete from users; delete from api_clients; delete from organisations');

  it('without a place for credentials makes nobody', async () => {
    const start = firstStart(undefined);

    await start.onApplicationBootstrap();

    expect(start.administrator).toBeUndefined();
    expect(await rowsOf('api_clients', INSTALLATION)).toBe(0);
  });

  it('makes the operator, an organisation with a client and its administrator, once', async () => {
    const path = file('once.json');
    const [first, second] = [firstStart(path), firstStart(path)];

    await first.onApplicationBootstrap();
    await second.onApplicationBootstrap();

    const { client_id, client_secret, organisation, token_endpoint } = await read(path);
    expect(token_endpoint).toBe('http://localhost:8080/oauth/token');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await users.findClient(client_id)).toMatchObject({ org_id: INSTALLATION, scopes: ['operator'] });
    expect(Buffer.from((await users.findClient(client_id))?.secret_hash ?? [])).toEqual(hashClientSecret(client_secret));
    expect(await users.findClient(organisation.client_id)).toMatchObject({ org_id: organisation.id, scopes: [...ORGANISATION_SCOPES] });
    expect(await passwords.verifyPassword(first.administrator?.password ?? '', (await userOf(organisation.id))?.password_hash ?? '')).toBe(
      true,
    );
    expect(second.administrator).toBeUndefined();
    await emptied();
  });

  it('made by two replicas at once is one', async () => {
    const path = file('both.json');
    const starts = [firstStart(path), firstStart(path)];

    await Promise.all(starts.map((start) => start.onApplicationBootstrap()));

    const { client_secret, client_id, organisation } = await read(path);
    expect(Buffer.from((await users.findClient(client_id))?.secret_hash ?? [])).toEqual(hashClientSecret(client_secret));
    expect([await rowsOf('users', organisation.id), await rowsOf('api_clients', organisation.id)]).toEqual([1, 1]);
    const { password_hash = '' } = (await userOf(organisation.id)) ?? {};
    for (const { administrator } of starts) {
      if (administrator) expect(await passwords.verifyPassword(administrator.password, password_hash)).toBe(true);
    }
    await emptied();
  });

  it('that broke off halfway is finished by the next one, and whoever starts it can sign in', async () => {
    const path = file('halfway.json');
    const breaking = new UserRepository(database);
    breaking.insertClient = async (tx, keys, client) => {
      if (client.name === 'Operator') throw new Error('the process ended here');
      await users.insertClient(tx, keys, client);
    };

    await expect(firstStart(path, breaking).onApplicationBootstrap()).rejects.toThrow('the process ended here');
    const before = await read(path);
    const next = firstStart(path);
    await next.onApplicationBootstrap();

    expect(await read(path)).toEqual(before);
    expect(Buffer.from((await users.findClient(before.client_id))?.secret_hash ?? [])).toEqual(hashClientSecret(before.client_secret));
    const { password_hash = '' } = (await userOf(before.organisation.id)) ?? {};
    expect(await passwords.verifyPassword(next.administrator?.password ?? '', password_hash)).toBe(true);
    await emptied();
  });
});

describe(OrganisationService.name, () => {
  it('makes an organisation with its key, its client and its administrator, and answers with their secrets', async () => {
    const wish = wishFor();
    const { organisationId } = wish.data;

    const result = await consumer.create(wish);

    const { organisation, apiClient, administrator } = OrganisationCreate.answer.parse(result.status === 'done' ? result.answer : result);
    expect(organisation).toMatchObject({ id: organisationId, name: 'Padaria São João' });
    const client = await users.findClient(apiClient.clientId);
    expect(client).toMatchObject({ org_id: organisationId, scopes: [...ORGANISATION_SCOPES] });
    expect(Buffer.from(client?.secret_hash ?? [])).toEqual(hashClientSecret(apiClient.clientSecret));
    const user = await userOf(organisationId);
    expect(user?.role).toBe('owner');
    expect(await passwords.verifyPassword(administrator?.password ?? '', user?.password_hash ?? '')).toBe(true);
    expect((await world.keyStore.of(organisationId)).organisationId).toBe(organisationId);
  });

  it('delivered twice, one after the other and at once, makes one and gives the same secrets', async () => {
    const wish = wishFor();
    const { organisationId } = wish.data;

    const results = await Promise.all([1, 2, 3].map(() => consumer.create(wish)));
    const again = await consumer.create({ ...wish, redelivered: true });

    expect(new Set([...results, again].map((result) => JSON.stringify(result))).size).toBe(1);
    expect(await Promise.all(['users', 'api_clients'].map((table) => rowsOf(table, organisationId)))).toEqual([1, 1]);
    expect(await organisations.recordedAnswer(INSTALLATION, wish.idempotency!)).toEqual(again);
  });

  it('refuses an e-mail somebody of this installation has, in any writing, and keeps nothing of that organisation', async () => {
    const first = wishFor();
    const email = first.data.administrator?.email.toUpperCase() ?? '';
    await consumer.create(first);
    const second = wishFor({ administrator: { username: 'Bia', email } });

    const results = [await consumer.create(second), await consumer.create({ ...second, redelivered: true })];

    expect(results).toMatchObject([
      { status: 'refused', problem: { status: 409 } },
      { status: 'refused', problem: { status: 409 } },
    ]);
    const { organisationId } = second.data;
    expect(await Promise.all(['users', 'api_clients'].map((table) => rowsOf(table, organisationId)))).toEqual([0, 0]);
    expect((await organisations.list({ limit: 100 })).items.map(({ id }) => id)).not.toContain(organisationId);
  });

  it('makes an organisation without an administrator', async () => {
    const wish = wishFor({ administrator: null });

    expect(await consumer.create(wish)).toMatchObject({ status: 'done', answer: { administrator: null } });
    expect(await rowsOf('users', wish.data.organisationId)).toBe(0);
  });

  it('makes a client once, of its own organisation, with the scopes that were asked', async () => {
    const organisationId = await newOrganisation(world);
    const data: ApiClientCreate = { clientId: randomUUID(), name: 'Site', scopes: ['conversations:read'] };
    const wish = delivered(data, { organisationId, idempotency: { client: 'crm', key: randomUUID(), requestHash: 'h' } });

    const results = await Promise.all([1, 2].map(() => consumer.createClient(wish)));

    expect(results[0]).toMatchObject({ status: 'done', answer: { clientId: data.clientId, scopes: ['conversations:read'] } });
    expect(results[1]).toEqual(results[0]);
    expect(await users.findClient(data.clientId)).toMatchObject({ org_id: organisationId, scopes: ['conversations:read'] });
    expect(await rowsOf('api_clients', organisationId)).toBe(1);
    expect(await users.findClient(randomUUID())).toBeUndefined();
  });

  it('does not find a client that was revoked', async () => {
    const wish = wishFor({ administrator: null });
    const result = await consumer.create(wish);
    const { apiClient } = OrganisationCreate.answer.parse(result.status === 'done' ? result.answer : result);

    await query(world.adminUrl, 'update api_clients set revoked_at = now() where id = $1', [apiClient.clientId]);

    expect(await users.findClient(apiClient.clientId)).toBeUndefined();
  });

  it('lists the register page by page, each organisation once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await organisations.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = page.next;
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(await rowsOf('organisations', INSTALLATION));
    expect(seen.length).toBeGreaterThan(2);
  });

  it('keeps names, e-mails and secrets in clear nowhere', async () => {
    const wish = wishFor({ name: 'canário', administrator: { username: 'amarelo', email: 'canario@amarelo.com.br' } });
    const result = await consumer.create(wish);
    const { apiClient, administrator } = OrganisationCreate.answer.parse(result.status === 'done' ? result.answer : result);

    const rows = await query<{ bytes: Buffer }>(
      world.adminUrl,
      `select name as bytes from organisations union all select username || email || email_hash || convert_to(password_hash, 'UTF8') from users
       union all select name || secret_hash from api_clients union all select answer from command_answers`,
    );

    const all = Buffer.concat(rows.map(({ bytes }) => bytes));
    const secrets = ['canário', 'canario@', 'amarelo', apiClient.clientSecret, administrator?.password ?? ''];
    for (const secret of secrets) expect(all.indexOf(secret), secret).toBe(-1);
  });
});
