// What the hardware allows: the same way of a message without frameworks, tenants, encryption, conversations or analysis,
// with the same durability. HTTP POST → JetStream (every ack on disk) → one multi-row insert → ack → publish → WebSocket.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { AckPolicy, jetstream, jetstreamManager, type JsMsg, StorageType } from '@nats-io/jetstream';
import { connect, nanos } from '@nats-io/transport-node';
import pg from 'pg';
import { WebSocketServer } from 'ws';

const [port, databaseUrl, natsUrl] = process.argv.slice(2);
if (!port || !databaseUrl || !natsUrl) throw new Error('bare-chain PORT DATABASE_URL NATS_URL');

const BATCH = 256;
const INSERT = {
  name: 'insert',
  text: `insert into messages (id, provider_id, sender, body, raw) select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
         on conflict do nothing returning provider_id`,
};

interface Text {
  readonly id: string;
  readonly from: string;
  readonly text: { readonly body: string };
}

const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
await pool.query(`create table if not exists messages (id uuid primary key, provider_id text not null unique, sender text not null, body text not null,
  raw jsonb not null, created_at timestamptz not null default now())`);
const address = new URL(natsUrl);
const nats = await connect({ servers: address.host, user: address.username, pass: address.password });
const manager = await jetstreamManager(nats);
const stream = jetstream(nats);
await manager.streams.add({ name: 'BARE', subjects: ['bare.>'], storage: StorageType.File, duplicate_window: nanos(120_000) });
await manager.consumers.add('BARE', { durable_name: 'bare', ack_policy: AckPolicy.Explicit, max_ack_pending: 5_000 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    take(Buffer.concat(chunks)).then(
      () => response.writeHead(200).end(),
      () => response.writeHead(503).end(),
    );
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

async function take(body: Buffer): Promise<void> {
  const webhook = JSON.parse(body.toString()) as { entry: { id: string; changes: { value: { messages?: Text[] } }[] }[] };
  const texts = webhook.entry.flatMap((entry) => entry.changes.flatMap((change) => change.value.messages ?? []));
  await Promise.all(texts.map((text) => stream.publish('bare.in', JSON.stringify(text), { msgID: text.id })));
}

const waiting: JsMsg[] = [];
let working = false;

async function work(): Promise<void> {
  if (working) return;
  working = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(0, BATCH);
    const texts = batch.map((message) => message.json<Text>());
    const values = [
      texts.map(() => randomUUID()),
      texts.map((text) => text.id),
      texts.map((text) => text.from),
      texts.map((text) => text.text.body),
    ];
    const inserted = await pool.query<{ provider_id: string }>({
      ...INSERT,
      values: [...values, texts.map((text) => JSON.stringify(text))],
    });
    for (const message of batch) message.ack();
    if (inserted.rowCount) nats.publish('push', JSON.stringify(inserted.rows.map((row) => row.provider_id)));
  }
  working = false;
}

nats.subscribe('push', {
  callback: (_error, message) => {
    for (const socket of sockets.clients) socket.send(message.data, { binary: false });
  },
});
const consumer = await stream.consumers.get('BARE', 'bare');
await consumer.consume({
  max_messages: 1_000,
  callback: (message) => {
    waiting.push(message);
    void work();
  },
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
