import { request } from 'node:http';
import { afterEach, expect } from 'vitest';

/** One answer of the server, as far as every answer must keep the same promises. */
interface Seen {
  readonly request: string;
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  /** sent as it is: `fetch` would tidy it up */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** Watches a file's traffic: after each test, no answer was a 5xx, and each refusal was problem+json with all that belongs to it. */
export class AnswerWatch {
  #seen: Seen[] = [];

  /** Begins to watch `fetch`. Call once, at the top of a `describe`. */
  static start(): AnswerWatch {
    const watch = new AnswerWatch();
    const real = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const response = await real(input, init);
      const url = input instanceof Request ? input.url : String(input);
      await watch.#note(`${init?.method ?? 'GET'} ${url}`, response);
      return response;
    };
    afterEach(() => watch.#judge());
    return watch;
  }

  /** Sends a request byte for byte over node:http. */
  async raw(url: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<Response> {
    const { hostname, port } = new URL(url);
    const response = await new Promise<Response>((resolve, reject) => {
      const outgoing = request({ hostname, port, method, path, headers, agent: false }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const answered = new Headers(Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]));
          resolve(new Response(text === '' ? null : text, { status: incoming.statusCode ?? 0, headers: answered }));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    await this.#note(`${method} ${path.slice(0, 200)}`, response);
    return response;
  }

  async #note(what: string, response: Response): Promise<void> {
    if (response.status < 400) return;
    const type = response.headers.get('content-type') ?? '';
    this.#seen.push({ request: what, status: response.status, type, body: what.startsWith('HEAD ') ? '' : await response.clone().text() });
  }

  #judge(): void {
    const seen = this.#seen;
    this.#seen = [];
    expect(seen.filter(({ status }) => status >= 500)).toEqual([]);
    expect(seen.filter((answer) => !isProblem(answer))).toEqual([]);
  }
}

/** RFC 9457; the issuer's errors follow RFC 6749 instead. */
function isProblem({ request, status, type, body }: Seen): boolean {
  if (/\/oauth\/|\/\.well-known\//.test(request) || request.startsWith('HEAD ')) return true;
  if (!type.startsWith('application/problem+json')) return false;
  const problem = JSON.parse(body) as Record<string, unknown>;
  return problem['status'] === status && [problem['title'], problem['detail']].every((text) => typeof text === 'string' && text !== '');
}
