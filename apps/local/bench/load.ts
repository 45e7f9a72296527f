import { createHmac } from 'node:crypto';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** Where a load goes and how its arrivals are recognised. */
export interface Target {
  readonly url: string;
  readonly path: string;
  /** the request of the n-th message: body and headers */
  readonly request: (index: number) => { id: string; body: string; headers: Record<string, string> };
}

export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly delivered: number;
  readonly deliveredTwice: number;
  /** from the first request to the last delivery */
  readonly seconds: number;
  /** scheduled send → delivery */
  readonly latency: Percentiles;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Knows when each message was due and when it arrived on the socket. */
export class Arrivals {
  readonly #due = new Map<string, number>();
  readonly #histogram: RecordableHistogram = createHistogram();
  delivered = 0;
  twice = 0;
  lastAt = 0;

  expect(id: string, due: number): void {
    this.#due.set(id, due);
  }

  arrived(id: string): void {
    const due = this.#due.get(id);
    if (due === undefined) return;
    if (due < 0) {
      this.twice += 1;
      return;
    }
    this.lastAt = performance.now();
    this.#histogram.record(Math.max(1, Math.round((this.lastAt - due) * 1_000)));
    this.#due.set(id, -1);
    this.delivered += 1;
  }

  get latency(): Percentiles {
    const at = (percentile: number) => Math.round(this.#histogram.percentile(percentile) / 10) / 100;
    return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
  }
}

const DRAIN_MS = 60_000;

/** Sends `count` messages: at a fixed rate whatever the answers take (open loop), or as fast as `connections` allow when `perSecond` is 0. */
export async function drive(
  target: Target,
  arrivals: Arrivals,
  options: { count: number; perSecond: number; connections: number },
): Promise<Outcome> {
  const pool = new Pool(target.url, { connections: options.connections, pipelining: 1, headersTimeout: 30_000 });
  let accepted = 0;
  let refused = 0;
  const send = async (index: number, due: number) => {
    const { id, body, headers } = target.request(index);
    arrivals.expect(id, due);
    try {
      const response = await pool.request({ path: target.path, method: 'POST', headers, body });
      await response.body.dump();
      if (response.statusCode < 300) accepted += 1;
      else refused += 1;
    } catch {
      refused += 1;
    }
  };
  const began = performance.now();
  await (options.perSecond > 0
    ? atRate(options.count, options.perSecond, began, send)
    : closedLoop(options.count, options.connections, send));
  const deadline = performance.now() + DRAIN_MS;
  while (arrivals.delivered < accepted && performance.now() < deadline) await sleep(2);
  await pool.close();
  const seconds = (arrivals.lastAt - began) / 1_000;
  return { accepted, refused, delivered: arrivals.delivered, deliveredTwice: arrivals.twice, seconds, latency: arrivals.latency };
}

/** Latency counts from the scheduled moment, so a stalled server cannot hide by slowing its clients down. */
async function atRate(count: number, perSecond: number, began: number, send: (index: number, due: number) => Promise<void>): Promise<void> {
  const inFlight: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = began + (index * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    inFlight.push(send(index, due));
  }
  await Promise.all(inFlight);
}

async function closedLoop(count: number, connections: number, send: (index: number, due: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await send(index, performance.now());
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

/** One Cloud API webhook with one text, as Meta sends most of them. */
export function textWebhook(phoneNumberId: string, id: string, sender: number): string {
  const from = `5521${900_000_000 + sender}`;
  const contacts = [{ profile: { name: `Cliente ${sender}` }, wa_id: from }];
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const body = `Boa tarde, gostaria de saber o prazo de entrega do meu pedido ${id.slice(-6)}`;
  const messages = [{ from, id, timestamp, type: 'text', text: { body } }];
  const metadata = { display_phone_number: '5511999990000', phone_number_id: phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, contacts, messages };
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '10000', changes: [{ value, field: 'messages' }] }] });
}

/** The headers of a webhook signed by its Meta app. */
export function signed(body: string, appSecret: string): Record<string, string> {
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
}
