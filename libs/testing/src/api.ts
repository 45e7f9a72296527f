import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Session } from '#contracts';

/** An answer as a test wants to see it: whatever the server said, parsed when it was JSON. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface ApiCredentials {
  readonly client_id: string;
  readonly client_secret: string;
}

/** Talks to a running system as one API client. */
export class Api {
  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  /** Gets a token with the client-credentials grant. */
  static async connect(url: string, { client_id, client_secret }: ApiCredentials): Promise<Api> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
    const response = await fetch(`${url}/oauth/token`, { method: 'POST', body });
    const { access_token } = z.object({ access_token: z.string() }).parse(await response.json());
    return new Api(url, access_token);
  }

  /** Speaks with a token that was had elsewhere. */
  static holding(url: string, token: string): Api {
    return new Api(url, token);
  }

  /** Sends a request with the token; a string body goes as it is, anything else as JSON. */
  request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return send(this.url + path, method, body, { authorization: `Bearer ${this.token}`, ...headers });
  }

  /** Sends a request that must succeed, and parses its answer. */
  async call<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<z.output<S>> {
    const answer = await this.request(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return schema.parse(answer.body);
  }

  sandbox(name = 'Sandbox'): Promise<Session> {
    return this.call(Session, 'POST', '/v1/sessions', { driver: 'sandbox', name });
  }

  /** A Cloud API session with secrets of its own; `post` sends signed webhooks to it. */
  async cloud(phoneNumberId = String(Math.floor(Math.random() * 1e15))): Promise<CloudLine> {
    const appSecret = randomUUID();
    const verifyToken = randomUUID();
    const body = { driver: 'cloud', name: 'Cloud', phoneNumberId, appSecret, verifyToken };
    const session = await this.call(Session, 'POST', '/v1/sessions', body);
    const post = (webhook: unknown) => postWebhook(this.url, webhook, appSecret);
    return { session, phoneNumberId, appSecret, verifyToken, post };
  }
}

export interface CloudLine {
  readonly session: Session;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly post: (webhook: unknown) => Promise<Answer>;
}

/** Sends a request and reads the answer; never throws for a status. */
export async function send(url: string, method: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const payload = body === undefined ? undefined : raw ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method,
    headers: { ...type, ...headers },
    ...(payload === undefined ? {} : { body: payload as NonNullable<RequestInit['body']> }),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Posts a Cloud API webhook signed with the Meta app's secret; a string is sent byte for byte. */
export function postWebhook(url: string, webhook: unknown, appSecret: string): Promise<Answer> {
  const body = typeof webhook === 'string' ? webhook : JSON.stringify(webhook);
  const signature = `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
  return send(`${url}/v1/webhooks/cloud`, 'POST', body, { 'x-hub-signature-256': signature });
}
