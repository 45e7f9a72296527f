import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type HealthCheck, readiness } from './health.js';
import { serveOps } from './ops-server.js';
import { reached } from './metrics.js';

const check = (name: string, run: () => Promise<void>): HealthCheck => ({ name, check: run });
const works = check('works', () => Promise.resolve());
const fails = check('fails', () => Promise.reject(new Error('ECONNREFUSED 10.0.0.7')));
const throws = check('throws', () => {
  throw new Error('before it even began');
});
const hangs = check('hangs', () => new Promise(() => undefined));
const closing: (() => void)[] = [];

/** An operations port over these checks; gives what a path answers. */
async function opsOver(checks: readonly HealthCheck[]) {
  const server = await serveOps(0, '127.0.0.1', () => checks);
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
}

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

describe(readiness.name, () => {
  it('is ready when every check works', async () => {
    expect(await readiness([works, check('too', () => Promise.resolve())])).toEqual({ ready: true, checks: { works: 'ok', too: 'ok' } });
    expect(await readiness([])).toEqual({ ready: true, checks: {} });
  });

  it('names what is away: what fails, what throws, and within about two seconds what does not answer', async () => {
    const begin = performance.now();

    const result = await readiness([works, fails, throws, hangs]);

    expect(result).toEqual({ ready: false, checks: { works: 'ok', fails: 'away', throws: 'away', hangs: 'away' } });
    expect(performance.now() - begin).toBeLessThan(2_500);
  });
});

describe(serveOps.name, () => {
  it('lives as long as it answers, and is ready only with what it needs; why not is told by name alone', async () => {
    const get = await opsOver([works, fails]);

    expect(await get('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
    const ready = await get('/readyz?verbose');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toEqual({ ready: false, checks: { works: 'ok', fails: 'away' } });
    expect((await (await opsOver([works]))('/readyz')).status).toBe(200);
  });

  it('shows the metrics, with the stages a message reached', async () => {
    const get = await opsOver([]);
    reached('stored', Date.now() - 20);
    reached('stored', Date.now() + 60_000);

    const { status, text } = await get('/metrics');

    expect(status).toBe(200);
    expect(text).toMatch(/alra_stage_seconds_count\{stage="stored"\} 2/);
    expect(text).toMatch(/alra_stage_seconds_bucket\{le="0.002",stage="stored"\} 1/);
    expect(text).toContain('process_cpu_user_seconds_total');
  });

  it('knows no other path', async () => {
    expect((await (await opsOver([]))('/')).status).toBe(404);
  });
});
