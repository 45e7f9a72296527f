import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus, Delivered } from '#bus';
import type { Conversation, MessageAcked, MessageFailed, MessageReceived, MessageSend } from '#contracts';
import { openBus, phone, query, startWorld, type World } from '#testing';
import { Company, inboxOf, type MessageApp, messageApp } from '../test/message-app.js';
import { MessageConsumer } from './message.consumer.js';

type Step =
  | { readonly kind: 'received'; readonly delivery: Delivered<MessageReceived> }
  | { readonly kind: 'send'; readonly delivery: Delivered<MessageSend> }
  | { readonly kind: 'acked'; readonly delivery: Delivered<MessageAcked> }
  | { readonly kind: 'failed'; readonly delivery: Delivered<MessageFailed> };

const CUSTOMERS = [
  { from: phone('5511900000001'), alsoKnownAs: [{ kind: 'bsuid' as const, value: 'BR.1' }], name: 'Ana' },
  { from: phone('5511900000002'), alsoKnownAs: [], name: null },
  { from: { kind: 'lid' as const, value: '77' }, alsoKnownAs: [phone('5511900000003')], name: 'Caio' },
];
const ACKS = ['sent', 'delivered', 'read', 'failed'] as const;
const TABLES = ['contacts', 'contact_identities', 'leads', 'conversations', 'messages', 'message_acks'] as const;

let world: World;
let bus: Bus;
let app: MessageApp;
let company: Company;

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString();

async function carryOut(chunk: readonly Step[]): Promise<void> {
  const of = <K extends Step['kind']>(kind: K) => chunk.filter((step): step is Extract<Step, { kind: K }> => step.kind === kind);
  const deliveries = <D>(steps: readonly { readonly delivery: D }[]) => steps.map(({ delivery }) => delivery);
  // each consumer works by itself, and all of them at once
  await Promise.all([
    app.consumer.store(deliveries(of('received'))),
    app.consumer.acked(deliveries(of('acked'))),
    app.consumer.failed(deliveries(of('failed'))),
    ...of('send').map(({ delivery }) => app.consumer.send(delivery)),
  ]);
}

/** What each sealed column was sealed for: its entity and its field. */
const SEALED: Record<string, (row: Record<string, unknown>) => [string, string]> = {
  'contacts.name': (row) => [String(row.id), 'name'],
  'contact_identities.value': (row) => [(row.value_hash as Buffer).toString('hex'), 'identity'],
  'conversations.whatsapp_id': (row) => [String(row.id), 'whatsapp_id'],
  'conversations.customer_name': (row) => [String(row.id), 'customer_name'],
  'conversations.customer_phone': (row) => [String(row.id), 'customer_phone'],
  'conversations.last_preview': (row) => [String(row.last_message_id), 'preview'],
  'messages.content': (row) => [String(row.id), 'content'],
};

/** Every row of the company, opened, without when it was written. */
async function rows(): Promise<Record<string, Record<string, unknown>[]>> {
  const all: Record<string, Record<string, unknown>[]> = {};
  for (const table of TABLES) {
    const found = await query(world.adminUrl, `select * from ${table} t where org_id = $1`, [company.id]);
    all[table] = found
      .map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, readable(table, column, value, row)])))
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return all;
}

function readable(table: string, column: string, value: unknown, row: Record<string, unknown>): unknown {
  if (column === 'created_at') return undefined;
  const context = SEALED[`${table}.${column}`];
  if (context && value instanceof Buffer) return company.keys.open(...context(row), value);
  return value instanceof Buffer ? value.toString('hex') : value;
}

async function forgetEverything(): Promise<void> {
  await query(
    world.adminUrl,
    `with acks as (delete from message_acks where org_id = $1), answers as (delete from command_answers where org_id = $1)
     delete from contacts where org_id = $1`,
    [company.id],
  );
}

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'message');
  app = messageApp(world, bus);
  company = await Company.found(world);
});

afterAll(async () => {
  await app?.database.close();
  await bus?.connection.drain();
  await world?.stop();
});

/** What happens in one run: further messages, answers, and what becomes of the answers. */
const happenings = fc.record({
  messages: fc.array(fc.record({ customer: fc.nat(2), second: fc.nat(5), text: fc.constantFrom('a', 'b', null) }), { maxLength: 12 }),
  sends: fc.array(
    fc.record({ second: fc.nat(5), acks: fc.array(fc.nat(3), { maxLength: 3 }), reasons: fc.array(fc.nat(1), { maxLength: 2 }) }),
    {
      maxLength: 5,
    },
  ),
  order: fc.infiniteStream(fc.nat(1_000_000)),
  size: fc.integer({ min: 1, max: 6 }),
});

/** Another order, a quarter of it twice, and cut into chunks of what comes together. */
function shuffled(steps: readonly Step[], order: Iterator<number>, size: number): Step[][] {
  const next = () => Number(order.next().value);
  const doubled = [...steps, ...steps.filter(() => next() % 4 === 0)];
  const mixed = doubled.map((step) => ({ step, key: next() })).toSorted((a, b) => a.key - b.key);
  return Array.from({ length: Math.ceil(mixed.length / size) }, (_, n) => mixed.slice(n * size, (n + 1) * size).map(({ step }) => step));
}

function answersOf(conversation: Conversation, { second, acks, reasons }: { second: number; acks: number[]; reasons: number[] }): Step[] {
  const delivery = { ...company.answers(conversation), at: Date.parse(at(second)) };
  return [
    { kind: 'send', delivery },
    ...acks.map((n): Step => ({ kind: 'acked', delivery: company.acks(delivery, ACKS[n] ?? 'sent') })),
    ...reasons.map((n): Step => ({ kind: 'failed', delivery: company.fails(delivery, `reason ${n}`) })),
  ];
}

describe(`${MessageConsumer.name}: the same events in any order, some of them twice`, () => {
  it('leave the same rows', { timeout: 60_000 }, async () => {
    const unlike = { messages: 0, sends: 0 };
    await fc.assert(
      fc.asyncProperty(happenings, async ({ messages, sends, order, size }) => {
        const says = ({ customer, second, text }: (typeof messages)[number]): Step => {
          const type = text === null ? 'image' : 'text';
          return { kind: 'received', delivery: company.says({ ...CUSTOMERS[customer], text, type, timestamp: at(second) }) };
        };
        // the first two wrote before, so that there is somebody to answer; nobody answers the first
        const first = [says({ customer: 0, second: 3, text: 'a' }), says({ customer: 1, second: 3, text: 'a' })];
        await carryOut(first);
        const answered = (await inboxOf(app, company)).find(({ customerName }) => customerName === null)!;
        const steps = [...messages.map(says), ...sends.flatMap((send) => answersOf(answered, send))];
        for (const step of steps) await carryOut([step]);
        const expected = await rows();

        await forgetEverything();
        await carryOut(first);
        for (const chunk of shuffled(steps, order[Symbol.iterator](), size)) await carryOut(chunk);

        const found = await rows();
        // unread counts what came after the agent last answered here, so it alone follows the order of arrival
        for (const all of [expected, found]) for (const row of all.conversations ?? []) if (row.id === answered.id) delete row.unread;
        expect(found).toEqual(expected);
        unlike.messages += messages.length;
        unlike.sends += sends.length;
        await forgetEverything();
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(unlike.messages).toBeGreaterThan(10);
    expect(unlike.sends).toBeGreaterThan(5);
  });
});
