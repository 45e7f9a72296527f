import { z } from 'zod';
import { Analysis, Conversation, DiagnosticsEntry, Message, pageOf, SandboxDelivery } from '#contracts';
import type { Api } from './api.js';

/** Every item of a keyset list, page by page to its end. */
export async function allOf<S extends z.ZodType>(api: Api, item: S, path: string): Promise<z.output<S>[]> {
  const items: z.output<S>[] = [];
  const join = path.includes('?') ? '&' : '?';
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: z.output<S>[]; next: string | null } = await api.call(
      pageOf(item),
      'GET',
      `${path}${join}limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** The whole inbox, last message first; of one session when it is named. */
export function conversationsOf(api: Api, sessionId?: string): Promise<Conversation[]> {
  return allOf(api, Conversation, `/v1/conversations${sessionId === undefined ? '' : `?sessionId=${sessionId}`}`);
}

/** A whole thread, oldest first, as a screen shows it. */
export async function threadOf(api: Api, conversationId: string): Promise<Message[]> {
  return (await allOf(api, Message, `/v1/conversations/${conversationId}/messages`)).toReversed();
}

/** Every message of a session, thread by thread. */
export async function messagesOf(api: Api, sessionId: string): Promise<Message[]> {
  const conversations = await conversationsOf(api, sessionId);
  return (await Promise.all(conversations.map(({ id }) => threadOf(api, id)))).flat();
}

/** What was understood of a message. */
export function analysesOf(api: Api, messageId: string): Promise<Analysis[]> {
  return api.call(z.array(Analysis), 'GET', `/v1/messages/${messageId}/analysis`);
}

/** What happened on a session's line, newest first. */
export function diagnosticsOf(api: Api, sessionId: string): Promise<DiagnosticsEntry[]> {
  return allOf(api, DiagnosticsEntry, `/v1/sessions/${sessionId}/diagnostics`);
}

/** What the customers of a sandbox session received, oldest first. */
export function deliveriesOf(api: Api, sessionId: string): Promise<SandboxDelivery[]> {
  return allOf(api, SandboxDelivery, `/v1/sandbox/${sessionId}/messages`);
}

/** Looks again and again until `look` gives something; throws with what it saw last. */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string, ms = 15_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
