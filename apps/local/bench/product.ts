import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { z } from 'zod';
import { OrganisationCreate } from '#contracts';
import { Api, type CloudLine } from '#testing/api';
import { startSystem, type System } from '#testing/system';
import { Arrivals, drive, type Outcome, signed, type Target, textWebhook } from './load.js';
import { cpuMs, rssMb } from './process-figures.js';

const SENDERS = 500;

interface Line {
  readonly api: Api;
  readonly cloud: CloudLine;
}

/** The product under load: two organisations, a Cloud API line and a screen each. */
export class Product {
  #arrivals = new Arrivals();
  readonly #providerIds = new Map<string, string>();
  readonly #sockets: WebSocket[] = [];

  private constructor(
    private readonly system: System,
    private readonly lines: readonly Line[],
  ) {}

  static async start(): Promise<Product> {
    const system = await startSystem({ env: { LOG_LEVEL: 'warn' } });
    const operator = await Api.connect(system.url, system.credentials);
    const lines = [await newLine(system, operator), await newLine(system, operator)];
    const product = new Product(system, lines);
    for (const line of lines) await product.#watch(line);
    return product;
  }

  get rssMb(): number {
    return rssMb(this.system.pid);
  }

  /** One run of load; the figures of the app process beside it. */
  async run(options: { count: number; perSecond: number; connections: number }): Promise<Outcome & { cpuMsPerMessage: number }> {
    this.#arrivals = new Arrivals();
    this.#providerIds.clear();
    const before = cpuMs(this.system.pid);
    const outcome = await drive(this.#target(), this.#arrivals, options);
    return { ...outcome, cpuMsPerMessage: (cpuMs(this.system.pid) - before) / Math.max(1, outcome.delivered) };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await this.system.stop();
    await this.system.remove();
  }

  #target(): Target {
    const run = randomUUID().slice(0, 8);
    return {
      url: this.system.url,
      path: '/v1/webhooks/cloud',
      request: (index) => {
        const { cloud } = this.lines[index % this.lines.length] as Line;
        const id = `wamid.${run}.${index}`;
        const body = textWebhook(cloud.phoneNumberId, id, index % SENDERS);
        return { id, body, headers: signed(body, cloud.appSecret) };
      },
    };
  }

  /** A suggestion has arrived when the analysis of a message is on its organisation's socket. */
  async #watch({ api }: Line): Promise<void> {
    const { ticket } = await api.call(z.object({ ticket: z.string() }), 'POST', '/v1/realtime/tickets');
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    this.#sockets.push(socket);
    await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('message', (raw: Buffer) => this.#take(JSON.parse(raw.toString())));
    socket.send(JSON.stringify({ type: 'hello', ticket }));
  }

  #take(frame: { name?: string; data?: { id?: string; providerId?: string; analysis?: { messageId: string } } }): void {
    if (frame.name === 'message.created') this.#providerIds.set(frame.data?.id ?? '', frame.data?.providerId ?? '');
    if (frame.name !== 'message.analysed') return;
    const messageId = frame.data?.analysis?.messageId ?? '';
    const providerId = this.#providerIds.get(messageId);
    // an analysis may overtake the message it is of: they are told by two consumers
    if (providerId === undefined) setTimeout(() => this.#take(frame), 1);
    else this.#arrivals.arrived(providerId);
  }
}

async function newLine(system: System, operator: Api): Promise<Line> {
  const { apiClient } = await operator.call(OrganisationCreate.answer, 'POST', '/v1/organisations', { name: `Bench ${randomUUID()}` });
  const api = await Api.connect(system.url, { client_id: apiClient.clientId, client_secret: apiClient.clientSecret });
  return { api, cloud: await api.cloud() };
}
