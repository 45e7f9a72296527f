import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiClientSecret, type Message, Organisation, ORGANISATION_SCOPES, pageOf, type Scope, Session } from '#contracts';
import { Api, allOf, conversationsOf, eventually, type Member, newMember, operatorOf, sharedSystem, threadOf } from '#testing';
import { AnswerWatch } from './answer-watch.js';

const GATEWAY = new URL('../../gateway/src/', import.meta.url).pathname;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** What one organisation has, for another to reach for. */
interface Belongings {
  readonly member: Member;
  readonly session: Session;
  readonly conversationId: string;
  readonly message: Message;
}

interface Route {
  /** who may: a scope of a member, the operator, or anybody */
  readonly access: Scope | 'public';
  /** the status of a request of the right person */
  readonly status: number;
  /** whose id is in the path */
  readonly path?: (of: Belongings) => Record<string, string>;
  readonly body?: unknown;
  /** what a stranger gets; 404 unless told */
  readonly stranger?: number;
}

const session = ({ session }: Belongings) => ({ id: session.id });
const sandbox = ({ session }: Belongings) => ({ sessionId: session.id });
const conversation = ({ conversationId }: Belongings) => ({ id: conversationId });

/** Every route there is. A new one fails the first test until it is here. */
const ROUTES: Record<string, Route> = {
  'GET /v1/webhooks/cloud': { access: 'public', status: 400 },
  'POST /v1/webhooks/cloud': { access: 'public', status: 401, body: { object: 'whatsapp_business_account', entry: [] } },
  'GET /v1/organisations': { access: 'operator', status: 200 },
  'POST /v1/organisations': { access: 'operator', status: 201, body: { name: 'Another' } },
  'POST /v1/api-clients': { access: 'clients:write', status: 201, body: { name: 'Another', scopes: ['clients:write'] } },
  'GET /v1/settings/organisation': { access: 'settings:read', status: 200 },
  'PUT /v1/settings/organisation': { access: 'settings:write', status: 200, body: {} },
  'POST /v1/realtime/tickets': { access: 'realtime', status: 201 },
  'GET /v1/sessions': { access: 'sessions:read', status: 200 },
  'POST /v1/sessions': { access: 'sessions:write', status: 201, body: { driver: 'sandbox', name: 'Another' } },
  'GET /v1/sessions/{id}': { access: 'sessions:read', status: 200, path: session },
  'GET /v1/sessions/{id}/diagnostics': { access: 'sessions:read', status: 200, path: session },
  'DELETE /v1/sessions/{id}': { access: 'sessions:write', status: 200, path: session },
  'GET /v1/conversations': { access: 'conversations:read', status: 200 },
  'GET /v1/conversations/{id}': { access: 'conversations:read', status: 200, path: conversation },
  'PATCH /v1/conversations/{id}': { access: 'conversations:write', status: 200, path: conversation, body: { status: 'resolved' } },
  'POST /v1/conversations/{id}/read': { access: 'conversations:write', status: 200, path: conversation },
  'GET /v1/conversations/{id}/messages': { access: 'conversations:read', status: 200, path: conversation },
  'POST /v1/conversations/{id}/messages': { access: 'conversations:write', status: 201, path: conversation, body: { text: 'x' } },
  // no analysis and no such message look the same to everybody
  'GET /v1/messages/{id}/analysis': {
    access: 'conversations:read',
    status: 200,
    path: ({ message }) => ({ id: message.id }),
    stranger: 200,
  },
  'POST /v1/sandbox/{sessionId}/messages': { access: 'sandbox', status: 202, path: sandbox, body: { from: '5511900000001', text: 'x' } },
  'GET /v1/sandbox/{sessionId}/messages': { access: 'sandbox', status: 200, path: sandbox },
};
const routes = Object.entries(ROUTES).map(([name, route]) => ({ name, ...route }));
const ofMembers = routes.filter(({ access }) => access !== 'public' && access !== 'operator');
/** Deleting comes last: what is gone can be reached for no more. */
const inOrder = ofMembers.toSorted((a, b) => Number(a.name.startsWith('DELETE')) - Number(b.name.startsWith('DELETE')));

describe('an organisation', () => {
  AnswerWatch.start();
  const system = sharedSystem();
  let operator: Api;
  let a: Belongings;
  let b: Belongings;

  beforeAll(async () => {
    operator = await operatorOf(system);
    [a, b] = await Promise.all([furnished('A'), furnished('B')]);
  });

  const furnished = async (name: string): Promise<Belongings> => {
    const member = await newMember(system, name);
    const session = await member.api.sandbox(`line of ${name}`);
    await member.api.request('POST', `/v1/sandbox/${session.id}/messages`, {
      from: '5511987654321',
      name: `customer of ${name}`,
      text: `written to ${name}`,
    });
    return eventually(async () => {
      const [conversation] = await conversationsOf(member.api, session.id);
      const [message] = conversation ? await threadOf(member.api, conversation.id) : [];
      return conversation && message ? { member, session, conversationId: conversation.id, message } : undefined;
    }, `the belongings of ${name}`);
  };
  const call = (api: Api, name: string, of: Belongings) => {
    const [method = '', template = ''] = name.split(' ');
    const route = ROUTES[name]!;
    const ids = route.path?.(of) ?? {};
    return api.request(
      method,
      template.replaceAll(/\{(\w+)\}/g, (_, key: string) => ids[key] ?? 'missing'),
      route.body,
    );
  };
  /** A token of an organisation's first client with fewer scopes. */
  const narrowed = async ({ member }: Belongings, scopes: readonly Scope[]) => {
    const { client_id, client_secret } = member.credentials;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, scope: scopes.join(' ') });
    const response = await fetch(`${system.url}/oauth/token`, { method: 'POST', body });
    return Api.holding(system.url, z.object({ access_token: z.string() }).parse(await response.json()).access_token);
  };

  it('is described in /openapi.json route by route, each with what it takes and what it answers', async () => {
    const Operation = z.object({
      parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: z.object({}) })).optional(),
      requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.object({}) })) }).optional(),
      responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.object({ schema: z.object({}) })).optional() })),
      security: z.array(z.unknown()).optional(),
    });
    const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
    const response = await fetch(`${system.url}/openapi.json`);
    const { paths } = Document.parse(await response.json());
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => ({
        name: `${method.toUpperCase()} ${path}`,
        ...Operation.parse(item[method], { error: () => `${method} ${path} lacks a schema` }),
      })),
    );
    const names = operations.map(({ name }) => name).toSorted();

    expect(names).toEqual(Object.keys(ROUTES).toSorted());
    expect(names).toEqual((await routesInSources()).toSorted());
    for (const { name, parameters = [], requestBody, responses, security } of operations) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
      expect({ name, inPath: parameters.filter((one) => one.in === 'path').map((one) => one.name) }).toEqual({ name, inPath });
      expect({ name, body: requestBody !== undefined }).toEqual({ name, body: ROUTES[name]?.body !== undefined });
      const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect({ name, answered: answers.every(([, { content }]) => content !== undefined) && answers.length > 0 }).toEqual({
        name,
        answered: true,
      });
      expect({ name, secured: security !== undefined }).toEqual({ name, secured: ROUTES[name]?.access !== 'public' });
    }
  });

  it.each(routes)('lets nobody in without a token: $name', async ({ name, access, status }) => {
    expect((await call(Api.holding(system.url, 'none'), name, a)).status).toBe(access === 'public' ? status : 401);
  });

  it.each(inOrder.filter(({ path }) => path))('is nothing to another one: $name', async ({ name, stranger = 404 }) => {
    const answer = await call(a.member.api, name, b);

    expect(answer.status).toBe(stranger);
    if (stranger === 200) expect(answer.body).toEqual([]);
    expect(JSON.stringify(answer.body)).not.toContain('of B');
  });

  it('is unchanged after all that, and shows its own', async () => {
    const own = b.member.api;

    expect(await own.call(Session, 'GET', `/v1/sessions/${b.session.id}`)).toEqual(b.session);
    expect(await threadOf(own, b.conversationId)).toEqual([b.message]);
    expect(await conversationsOf(own)).toEqual([
      expect.objectContaining({ id: b.conversationId, status: 'open', unread: 1, customerName: 'customer of B' }),
    ]);
  });

  it('has lists of its own things only, whatever they are filtered by', async () => {
    const { api } = a.member;

    expect((await allOf(api, Session, '/v1/sessions')).map(({ id }) => id)).toEqual([a.session.id]);
    expect((await conversationsOf(api)).map(({ id }) => id)).toEqual([a.conversationId]);
    expect(await conversationsOf(api, b.session.id)).toEqual([]);
  });

  it('gives its cursors to nobody: another one gets its own rows for them', async () => {
    for (let index = 0; index < 3; index += 1) await b.member.api.sandbox();
    const page = await b.member.api.call(pageOf(Session), 'GET', '/v1/sessions?limit=1');
    const taken = await a.member.api.call(pageOf(Session), 'GET', `/v1/sessions?cursor=${page.next}`);

    expect(page.next).not.toBeNull();
    for (const { id } of taken.items) expect(id).toBe(a.session.id);
  });

  it('leaks nothing in 1,000 mixed reads at once', async () => {
    const reads = Array.from({ length: 1_000 }, (_, index) => {
      const mine = index % 2 === 0 ? a : b;
      const paths = [
        '/v1/conversations',
        `/v1/conversations/${mine.conversationId}`,
        `/v1/conversations/${mine.conversationId}/messages`,
        '/v1/sessions',
      ];
      return async () => {
        const answer = await mine.member.api.request('GET', paths[index % paths.length] ?? '');
        return { status: answer.status, foreign: JSON.stringify(answer.body).includes(index % 2 === 0 ? 'of B' : 'of A') };
      };
    });
    const results = await Promise.all(Array.from({ length: 50 }, (_, lane) => inTurn(reads.slice(lane * 20, lane * 20 + 20))));

    expect(results.flat().filter(({ status, foreign }) => status !== 200 || foreign)).toEqual([]);
    expect(results.flat()).toHaveLength(1_000);
  });

  it.each(ofMembers)('is no business of the operator: $name', async ({ name }) => {
    expect((await call(operator, name, a)).status).toBe(403);
  });

  it.each(routes.filter(({ access }) => access === 'operator'))('does not act as the operator: $name', async ({ name, status }) => {
    expect((await call(a.member.api, name, a)).status).toBe(403);
    expect((await call(operator, name, a)).status).toBe(status);
  });

  it('is listed by the operator, by its name and no more', async () => {
    const all = await allOf(operator, Organisation.strict(), '/v1/organisations');

    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([a.member.organisationId, b.member.organisationId]));
  });

  it.each(inOrder)('opens $name to its scope alone', async ({ name, access, status }) => {
    const needed = access as Scope;
    const others = ORGANISATION_SCOPES.filter((scope) => scope !== needed);
    const without = await call(await narrowed(a, others), name, a);
    const alone = await call(await narrowed(a, [needed]), name, a);

    expect(without.status).toBe(403);
    expect(alone.status).toBe(status);
  });

  it('cannot give an API client a scope that the giver lacks', async () => {
    const giver = await narrowed(b, ['clients:write', 'sessions:read']);
    const make = (scopes?: string[]) => giver.request('POST', '/v1/api-clients', { name: 'x', ...(scopes ? { scopes } : {}) });

    expect((await make(['sessions:write'])).status).toBe(403);
    expect((await make(['sessions:read', 'conversations:read'])).status).toBe(403);
    expect((await make(['operator'])).status).toBe(400);
    expect((await make(['everything'])).status).toBe(400);
    expect((await make([])).status).toBe(400);
    const given = ApiClientSecret.parse((await make()).body);
    expect(given.scopes.toSorted()).toEqual(['clients:write', 'sessions:read']);
    const made = await Api.connect(system.url, { client_id: given.clientId, client_secret: given.clientSecret });
    expect((await made.request('GET', '/v1/sessions')).status).toBe(200);
    expect((await made.request('GET', '/v1/conversations')).status).toBe(403);
    expect((await made.request('GET', `/v1/sessions/${a.session.id}`)).status).toBe(404);
  });
});

async function inTurn<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const job of jobs) results.push(await job());
  return results;
}

/** The routes as the gateway's controllers declare them, but for those about its health. */
async function routesInSources(): Promise<string[]> {
  const files = (await readdir(GATEWAY, { recursive: true })).filter((file) => file.endsWith('.controller.ts') && !file.includes('health'));
  const found = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(GATEWAY, file), 'utf8');
      const prefix = /@Controller\('([^']*)'\)/.exec(source)?.[1] ?? '';
      return [...source.matchAll(/^ {2}@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/gm)].map(([, verb = '', path = '']) => {
        const full = ['', prefix, path].filter((part, index) => index === 0 || part !== '').join('/');
        return `${verb.toUpperCase()} ${full.replaceAll(/:(\w+)/g, '{$1}')}`;
      });
    }),
  );
  return found.flat();
}
