import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Message, RealtimeEvents, type Session } from '#contracts';
import { type Api, conversationsOf, newMember, ScreenClient, sharedSystem, threadOf } from '#testing';

const Created = RealtimeEvents['message.created'];
const Analysed = RealtimeEvents['message.analysed'];

describe('the realtime cursor', () => {
  const system = sharedSystem();

  const write = (api: Api, session: Session, from: string, text: string) =>
    api.request('POST', `/v1/sandbox/${session.id}/messages`, { from, text });
  /** As the contract of the list says: provider time, then sequence. */
  const inOrder = (messages: readonly Pick<Message, 'timestamp' | 'seq' | 'id'>[]) =>
    messages.toSorted((a, b) => a.timestamp.localeCompare(b.timestamp) || a.seq - b.seq || a.id.localeCompare(b.id));
  const threads = async (api: Api) => {
    const conversations = await conversationsOf(api);
    const read = await Promise.all(
      conversations.map(async ({ id }) => [id, (await threadOf(api, id)).map((message) => message.id)] as const),
    );
    return Object.fromEntries(read.toSorted(([a], [b]) => a.localeCompare(b)));
  };

  it('brings a client that is cut off all the time everything, once and in order', async () => {
    const { api } = await newMember(system);
    const session = await api.sandbox();
    const customers = Array.from({ length: 7 }, (_, index) => `551190000000${index}`);
    const connections: ScreenClient[] = [await ScreenClient.open(api)];
    const last = () => connections.at(-1)!;
    const over = new AbortController();
    // 300 messages of seven customers, some of them at once
    const flow = (async () => {
      for (let index = 0; index < 300; index += 4) {
        const four = Array.from({ length: 4 }, (_, offset) => customers[(index + offset) % customers.length] ?? '');
        const answers = await Promise.all(four.map((from, offset) => write(api, session, from, `m${index + offset}`)));
        expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
        await sleep(15);
      }
      over.abort();
    })();

    while (!over.signal.aborted) {
      await sleep(100 + Math.random() * 250);
      const { cursor } = last();
      last().cut();
      connections.push(await ScreenClient.open(api, cursor));
    }
    await flow;
    const events = () => connections.flatMap((screen) => screen.events());
    const analysed = () =>
      new Set(
        events()
          .filter(({ name }) => name === 'message.analysed')
          .map(({ data }) => Analysed.parse(data).analysis.messageId),
      );
    await last().until(() => analysed().size === 300);

    expect(connections.length).toBeGreaterThan(4);
    expect(connections.map((screen) => screen.frames[0]?.type)).toEqual(connections.map(() => 'ready'));
    for (const screen of connections) {
      const cursors = screen.events().map(({ cursor }) => Number(cursor.split('.')[1]));
      expect(cursors).toEqual([...new Set(cursors)].toSorted((a, b) => a - b));
    }
    const known = new Map(
      events()
        .filter(({ name }) => name === 'message.created')
        .map(({ data }) => Created.parse(data))
        .map((one) => [one.id, one]),
    );
    const mine = Object.groupBy(inOrder([...known.values()]), ({ id }) => known.get(id)?.conversationId ?? '');
    const list = Object.entries(mine).map(([id, messages]) => [id, messages?.map((message) => message.id)] as const);
    expect(known.size).toBe(300);
    expect(Object.fromEntries(list.toSorted(([a], [b]) => a.localeCompare(b)))).toEqual(await threads(api));
    last().cut();
  });

  it('says nothing twice and loses nothing when it is used again and again', async () => {
    const { api } = await newMember(system);
    const session = await api.sandbox();
    const first = await ScreenClient.open(api);
    const start = first.cursor;
    for (const text of ['um', 'dois', 'três']) await write(api, session, '5511900000001', text);
    await first.until(() => first.events('message.analysed').length === 3);
    const middle = first.events()[2]?.cursor ?? '';

    const again = await ScreenClient.open(api, start);
    const half = await ScreenClient.open(api, middle);
    const whole = await ScreenClient.open(api, first.cursor);
    await again.until(() => again.events().length >= first.events().length);
    await half.until(() => half.cursor === first.cursor);
    const seen = first.events();

    expect(again.events()).toEqual(seen);
    expect(half.events()).toEqual(seen.slice(3));
    expect(whole.events()).toEqual([]);
    for (const screen of [first, again, half, whole]) screen.cut();
  });

  it.each([
    ['of another epoch', (cursor: string) => cursor.replace(/^[0-9a-f]+/, '0123456789abcdef')],
    ['that is garbage', () => 'garbage'],
    ['that is empty', () => ''],
    ['of this epoch without a position', (cursor: string) => cursor.split('.')[0] ?? ''],
    ['with a position below zero', (cursor: string) => cursor.replace(/\.\d+$/, '.-1')],
    ['with a position of letters', (cursor: string) => cursor.replace(/\.\d+$/, '.abc')],
  ])('%s is answered with resync, and the client goes on from there', async (_, spoil) => {
    const { api } = await newMember(system);
    const session = await api.sandbox();
    const first = await ScreenClient.open(api);
    const start = first.cursor;
    await write(api, session, '5511900000001', 'before');
    await first.until(() => first.events('message.analysed').length > 0);
    first.cut();
    const screen = await ScreenClient.open(api, spoil(start));

    expect(screen.frames[0]).toEqual({ type: 'resync', cursor: expect.stringMatching(/^[0-9a-f]{16}\.\d+$/) });
    await write(api, session, '5511900000001', 'after');
    await screen.until(() => screen.events('message.created').length > 0);
    expect(screen.events('message.created').map(({ data }) => Created.parse(data).text)).toEqual(['after']);
    screen.cut();
  });

  it('of the future, as another replica may have given it out, says nothing twice', async () => {
    const { api } = await newMember(system);
    const session = await api.sandbox();
    const first = await ScreenClient.open(api);
    const position = Number(first.cursor.split('.')[1]) + 1;
    const screen = await ScreenClient.open(api, first.cursor.replace(/\.\d+$/, `.${position}`));
    await write(api, session, '5511900000001', 'one');
    await write(api, session, '5511900000001', 'two');
    await first.until(() => first.events('message.analysed').length === 2);
    await screen.until(() => screen.cursor === first.cursor);

    expect(screen.frames[0]?.type).toBe('ready');
    expect(screen.events()).toEqual(first.events().filter(({ cursor }) => Number(cursor.split('.')[1]) > position));
    for (const one of [first, screen]) one.cut();
  });

  it("of one organisation never leads to what is another's", async () => {
    const members = await Promise.all([newMember(system), newMember(system)]);
    const sessions = await Promise.all(members.map(({ api }) => api.sandbox()));
    const screens = await Promise.all(members.map(({ api }) => ScreenClient.open(api)));
    const cursors = screens.map(({ cursor }) => cursor);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        write(members[index % 2]!.api, sessions[index % 2]!, `55119000000${index % 3}0`, `of ${index % 2}`),
      ),
    );
    // each comes back with the other's cursor: it is a position, not a permission
    const returned = await Promise.all(members.map(({ api }, index) => ScreenClient.open(api, cursors[1 - index])));
    const all = [...screens, ...returned];
    await Promise.all(all.map((screen) => screen.until(() => screen.events('message.analysed').length === 20)));

    for (const [index, screen] of all.entries()) {
      const mine = sessions[index % 2]!.id;
      const others = screen.events().filter(({ data }) => (data as { sessionId?: string }).sessionId !== mine);
      expect(others.filter(({ name }) => name !== 'conversation.updated')).toEqual([]);
      expect(JSON.stringify(screen.frames)).not.toContain(sessions[1 - (index % 2)]!.id);
      expect(JSON.stringify(screen.frames)).not.toContain(`of ${1 - (index % 2)}`);
      screen.cut();
    }
  });

  it('is worth much to a client that does not read: it is cut off before the server keeps too much, and comes back', async () => {
    const { api } = await newMember(system);
    const session = await api.sandbox();
    const [slow, quick] = [await ScreenClient.open(api), await ScreenClient.open(api)];
    slow.pause();
    // events of some 25 kB each, far beyond what the kernels' buffers and the server's patience hold together
    const text = '👋'.repeat(4_000);
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          api.request('POST', `/v1/sandbox/${session.id}/messages`, { from: `55119000000${index}0`, text }),
        ),
      );
    }
    await quick.until(() => quick.events('message.analysed').length === 600, 30_000);
    slow.resume();
    await slow.until(() => slow.closed !== undefined);
    const back = await ScreenClient.open(api, slow.cursor);
    const ids = (...screens: ScreenClient[]) =>
      new Set(screens.flatMap((screen) => screen.events('message.created').map(({ data }) => Created.parse(data).id)));
    await back.until(() => back.frames[0]?.type === 'resync' || ids(slow, back).size === 600);

    expect(slow.closed?.code).toBe(4408);
    expect(slow.events().length).toBeLessThan(quick.events().length);
    // what it lacks may be more than is kept for those who come back; then it is told to read its lists
    if (back.frames[0]?.type === 'ready') expect(ids(slow, back)).toEqual(ids(quick));
    for (const screen of [quick, back]) screen.cut();
  });
});
