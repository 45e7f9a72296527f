import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Session } from '#contracts';
import {
  analysesOf,
  type Answer,
  type Api,
  conversationsOf,
  deliveriesOf,
  eventually,
  firstMember,
  messagesOf,
  startSystem,
  type System,
} from '#testing';
import { Broker } from './broker.js';
import { endProcessesOf } from './processes.js';

const HOOK = new URL('crash-at-point.mjs', import.meta.url).href;

/** When, at which point, what that is; and what customers and agents write while it happens. */
const POINTS = [
  ['after', 'message.received', 'the gateway has it on the bus and has not answered', 'questions'],
  ['before', 'message.analysed', 'the analysis is committed and not told', 'questions'],
  ['after', 'sandbox.send', 'the line has the reply and the ledger does not know', 'replies'],
] as const;

describe('kill -9 at a point of the work', () => {
  let folder: string;
  let system: System;
  let api: Api;
  const sessions = new Map<string, Session>();
  const written = new Map<string, string[]>();

  const hooked = (env: Record<string, string> = {}) => ({
    nodeArguments: ['--import', HOOK],
    env: { CRASH_PLAN: join(folder, 'plan.json'), ...env },
  });
  const arm = async (point: string, when: string, nth: number) => {
    await writeFile(join(folder, 'plan.json'), JSON.stringify({ point, when, nth }));
    process.kill(system.pid, 'SIGUSR2');
    await sleep(50);
  };
  /** Sends a request as a good client does: again with the same key until it has an answer. */
  const insist = async (path: string, body: unknown): Promise<Answer> => {
    const key = randomUUID();
    for (;;) {
      const answer = await api.request('POST', path, body, { 'idempotency-key': key }).catch(() => undefined);
      if (answer && answer.status < 300) return answer;
      expect([undefined, 503]).toContain(answer?.status);
      await sleep(50);
    }
  };
  const ask = async (session: Session, index: number): Promise<string> => {
    const answer = await insist(`/v1/sandbox/${session.id}/messages`, { from: '5511900000001', text: `m${index}` });
    return z.object({ messageId: z.string() }).parse(answer.body).messageId;
  };
  const opened = async (session: Session) => {
    await ask(session, 0);
    return eventually(async () => (await conversationsOf(api, session.id)).find(({ lastMessage }) => lastMessage)?.id, 'a conversation');
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alra-crash-'));
    system = await startSystem(hooked());
    ({ api } = await firstMember(system));
  });
  afterAll(async () => {
    await system?.stop();
    endProcessesOf(system?.dataDir);
    await system?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(POINTS)('%s %s: %s', async (when, point, _, kind) => {
    const session = await api.sandbox();
    const conversationId = kind === 'replies' ? await opened(session) : '';
    const write = async (index: number) => {
      if (kind === 'questions') return ask(session, index);
      await insist(`/v1/conversations/${conversationId}/messages`, { text: `r${index}` });
      return `r${index}`;
    };
    await arm(point, when, 3);
    const writing = Promise.all(Array.from({ length: 8 }, (_, index) => write(index)));

    expect(await system.ended).toBe('SIGKILL');
    system = await system.restart(hooked());

    written.set(point, await writing);
    sessions.set(point, session);
  });

  it('leaves nothing undone', async () => {
    await Broker.ask(system, (broker) => broker.settled());
  });

  it.each(POINTS.filter(([, , , kind]) => kind === 'questions'))('keeps and understands every question once: %s %s', async (_, point) => {
    const messages = await messagesOf(api, sessions.get(point)!.id);

    expect(messages.map(({ id }) => id).toSorted()).toEqual(written.get(point)?.toSorted());
    const analyses = await Promise.all(messages.map(async ({ id }) => (await analysesOf(api, id)).length));
    expect(analyses).toEqual(messages.map(() => 1));
  });

  it.each(POINTS.filter(([, , , kind]) => kind === 'replies'))('delivers every reply once: %s %s', async (_, point) => {
    const { id } = sessions.get(point)!;
    const replies = (await messagesOf(api, id)).filter(({ direction }) => direction === 'outbound');

    expect((await deliveriesOf(api, id)).map(({ text }) => text).toSorted()).toEqual(written.get(point));
    expect(replies.map(({ text }) => String(text)).toSorted()).toEqual(written.get(point));
    expect(replies.map(({ ack }) => ack)).toEqual(replies.map(() => 'delivered'));
  });

  it('would lose messages if nothing were acknowledged, which shows that the crashes above hit', async () => {
    await system.stop();
    await system.remove();
    const unprotected = hooked({ CRASH_UNPROTECTED: '1' });
    system = await startSystem(unprotected);
    ({ api } = await firstMember(system));
    const session = await api.sandbox();
    await arm('message.stored', 'before', 2);
    const writing = Promise.all(Array.from({ length: 40 }, (_, index) => ask(session, index)));
    expect(await system.ended).toBe('SIGKILL');
    system = await system.restart(unprotected);
    const all = await writing;
    await Broker.ask(system, (broker) => broker.settled());

    const understood = await Promise.all(all.map(async (id) => (await analysesOf(api, id)).length));
    expect(understood).toContain(0);
  });
});
