import { createServer, type Server, type ServerResponse } from 'node:http';
import { register } from 'prom-client';
import { type HealthCheck, readiness } from './health.js';
import { collectProcessMetrics } from './metrics.js';

/** Serves `/healthz`, `/readyz` and `/metrics` for operators on a port of its own, away from the public one. */
export async function serveOps(port: number, host: string, checks: () => readonly HealthCheck[]): Promise<Server> {
  collectProcessMetrics();
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, checks).catch(() => response.writeHead(500).end());
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}

async function answer(url: string, response: ServerResponse, checks: () => readonly HealthCheck[]): Promise<void> {
  switch (url.split('?')[0]) {
    case '/healthz':
      return json(response, 200, { status: 'ok' });
    case '/readyz': {
      const result = await readiness(checks());
      return json(response, result.ready ? 200 : 503, result);
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': register.contentType }).end(await register.metrics());
      return;
    default:
      return json(response, 404, { status: 'unknown path' });
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
