import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanos } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SessionById } from '#contracts';
import { eachParcel, newParcel, openBus, type ParcelEvent, serveOnBus, startWorld, type World } from '#testing';
import { ConsumerLoop } from './consumer-loop.js';
import { type Bus, BusAway, type Delivered, follow } from './index.js';
import { filterOf, subjectOf } from './subject.js';

const organisationId = randomUUID();
const PATIENT = { timeout: 15_000, interval: 50 };

let world: World;
let bus: Bus;
const closing: (() => Promise<unknown>)[] = [];

const publish = (event: ParcelEvent, n: number, on = bus) => on.publish(event, { organisationId, id: `${event.name}:${n}` }, { n });
const publishedWithin = async (ms: number, event: ParcelEvent, n: number) => {
  const deadline = performance.now() + ms;
  for (;;) {
    try {
      return await publish(event, n);
    } catch (error) {
      if (!(error instanceof BusAway) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
};

/** Resolves in the moment the connection is made again. */
const reconnected = async () => {
  for await (const { type } of bus.connection.nats.status()) if (type === 'reconnect') return;
};
/** An ack that was on its way when the broker went comes to nothing, and its message comes again: at least once is the promise. */
const distinct = (seen: readonly number[]) => [...new Set(seen)].toSorted((a, b) => a - b);
const untilUp = () => expect.poll(() => bus.connection.ping(), PATIENT).toBeUndefined();

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url);
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  await bus?.connection.drain();
  await world?.stop();
});

describe('a message whose handler ended before its ack', () => {
  /** A replica of one consumer with a broker that waits a second for acks, on a connection of its own. */
  const replica = async (event: ParcelEvent, handle: (delivery: Delivered<unknown>) => Promise<void>) => {
    const own = await openBus(world.nats.url);
    const consumer = `replica-${event.name.replaceAll('.', '-')}`;
    const config = { durable_name: consumer, filter_subject: filterOf(event), ack_policy: 'explicit', ack_wait: nanos(1_000) } as const;
    await own.connection.manager.consumers.add(event.stream, config);
    const loop = new ConsumerLoop({
      bus: own,
      consumer,
      definition: event,
      most: 1,
      judge: () => 'away',
      open: async () => (await own.connection.jetstream.consumers.get(event.stream, consumer)).consume(),
      handle: ([delivery]) => (delivery ? handle(delivery) : Promise.resolve()),
      warn: () => undefined,
    });
    loop.start();
    closing.push(() => own.connection.drain());
    return { loop, crash: () => own.connection.nats.close() };
  };

  it('comes again to the next one, who is told that it does', async () => {
    const event = newParcel('INBOX');
    const first: Delivered<unknown>[] = [];
    const second: Delivered<unknown>[] = [];
    const { crash } = await replica(event, (delivery) => {
      first.push(delivery);
      return new Promise<void>(() => undefined);
    });
    await publish(event, 1);
    await expect.poll(() => first.length).toBe(1);

    await crash();
    const { loop } = await replica(event, async (delivery) => void second.push(delivery));
    closing.unshift(() => loop.stop());

    await expect.poll(() => second.length, PATIENT).toBe(1);
    expect([first[0]?.redelivered, second[0]?.redelivered]).toEqual([false, true]);
    expect(second[0]).toMatchObject({ id: first[0]?.id, seq: first[0]?.seq, data: { n: 1 } });
  });

  it('comes again when its app was stopped while it was held', async () => {
    const event = newParcel('INBOX');
    let tried = 0;
    const seen: Delivered<unknown>[] = [];
    const holding = await replica(event, async () => {
      tried += 1;
      throw new Error('the database is away');
    });
    await publish(event, 1);
    await publish(event, 2);
    await expect.poll(() => tried).toBeGreaterThanOrEqual(2);

    await holding.loop.stop();
    const { loop } = await replica(event, async (delivery) => void seen.push(delivery));
    closing.unshift(() => loop.stop());

    await expect
      .poll(() => seen.map(({ data }) => data), PATIENT)
      .toEqual([
        { n: 1, text: '' },
        { n: 2, text: '' },
      ]);
    expect(seen[0]?.redelivered).toBe(true);
  });

  it('does not keep its app from stopping while the consumer is being opened', async () => {
    const event = newParcel();
    let opened: () => void = () => undefined;
    const opening = new Promise<void>((resolve) => (opened = resolve));
    const loop = new ConsumerLoop({
      bus,
      consumer: 'slow',
      definition: event,
      most: 1,
      judge: () => 'away',
      open: async () => {
        await opening;
        return (await bus.connection.jetstream.consumers.get(event.stream, { filter_subjects: [filterOf(event)] })).consume();
      },
      handle: () => Promise.resolve(),
      warn: () => undefined,
    });
    loop.start();

    const stopped = loop.stop();
    opened();

    expect(await Promise.race([stopped.then(() => 'stopped'), sleep(2_000, 'hangs')])).toBe('stopped');
  });
});

describe('a follower', () => {
  it('goes on after an event it cannot read', async () => {
    const event = newParcel('REALTIME');
    const seen: number[] = [];
    closing.push(await follow(bus.connection, event, { onEpoch: () => undefined, onEvent: ({ data }) => void seen.push(data.n) }));

    await publish(event, 1);
    await bus.connection.jetstream.publish(subjectOf(event, organisationId), 'not JSON');
    await publish(event, 2);

    await expect.poll(() => seen).toEqual([1, 2]);
  });

  it('is told where the stream stands before its first event', async () => {
    const event = newParcel('REALTIME');
    await publish(event, 1);
    await publish(event, 2);
    const heard: unknown[] = [];

    closing.push(
      await follow(bus.connection, event, {
        onEpoch: (epoch, floor, last) => void heard.push({ epoch, floor, last }),
        onEvent: ({ seq, data }) => void heard.push({ seq, n: data.n }),
      }),
    );

    await expect.poll(() => heard.length).toBe(3);
    const { created, state } = await bus.connection.manager.streams.info('REALTIME');
    expect(heard).toEqual([
      { epoch: created, floor: 0, last: state.last_seq },
      { seq: state.last_seq - 1, n: 1 },
      { seq: state.last_seq, n: 2 },
    ]);
  });
});

describe('a broker that hangs', () => {
  it('fails whoever publishes within three seconds, and takes the same message once when it goes on', async () => {
    const event = newParcel('INBOX');
    const handled: number[] = [];
    closing.push(await serveOnBus(bus, { controllers: [eachParcel(event, async ({ data }) => void handled.push(data.n))] }));

    world.nats.kill('SIGSTOP');
    const begin = performance.now();
    await expect(publish(event, 1)).rejects.toThrow(BusAway);
    const noticedWithin = performance.now() - begin;
    world.nats.kill('SIGCONT');
    await publishedWithin(5_000, event, 1);
    await publish(event, 2);

    await expect.poll(() => handled).toEqual([1, 2]);
    expect(noticedWithin).toBeLessThan(3_000);
  });
});

describe('a broker that is killed and started again', () => {
  it('is noticed at once by whoever publishes or asks, and everything resumes by itself when it is back', async () => {
    const event = newParcel('INBOX');
    const told = newParcel('REALTIME');
    const handled: number[] = [];
    const followed: number[] = [];
    const epochs: string[] = [];
    closing.push(await serveOnBus(bus, { controllers: [eachParcel(event, async ({ data }) => void handled.push(data.n))] }));
    closing.push(
      await follow(bus.connection, told, {
        onEpoch: (epoch) => void epochs.push(epoch),
        onEvent: ({ data }) => void followed.push(data.n),
      }),
    );
    await publish(event, 1);
    await publish(told, 1);
    await expect.poll(() => [handled, followed]).toEqual([[1], [1]]);

    await world.killNats();
    const begin = performance.now();
    await expect(publish(event, 2)).rejects.toThrow(BusAway);
    await expect(bus.ask(SessionById, organisationId, { sessionId: randomUUID() })).rejects.toThrow(BusAway);
    await expect(bus.connection.ping()).rejects.toThrow(BusAway);
    const noticedWithin = performance.now() - begin;
    expect(bus.connection.up).toBe(false);

    await sleep(1_000);
    await world.restartNats();
    await publishedWithin(10_000, event, 2);
    await publishedWithin(10_000, told, 2);

    expect(noticedWithin).toBeLessThan(3_000);
    await expect.poll(() => distinct(handled), PATIENT).toEqual([1, 2]);
    await expect.poll(() => followed, PATIENT).toEqual([1, 2]);
    expect(new Set(epochs).size).toBe(2);
    await untilUp();
  });

  it('has what it confirmed, and the handler in the middle of its work is not disturbed', async () => {
    const [busy, unread] = [newParcel('INBOX'), newParcel('INBOX')];
    const handled: number[] = [];
    const read: number[] = [];
    let done: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (done = resolve));
    const atWork = eachParcel(busy, async ({ data }) => {
      await work;
      handled.push(data.n);
    });
    closing.push(await serveOnBus(bus, { controllers: [atWork] }));
    for (let n = 0; n < 20; n += 1) await Promise.all([publish(busy, n), publish(unread, n)]);

    await world.killNats();
    done();
    await sleep(100);
    await world.restartNats();
    await untilUp();
    closing.push(await serveOnBus(bus, { controllers: [eachParcel(unread, async ({ data }) => void read.push(data.n))] }));

    const all = Array.from({ length: 20 }, (_, n) => n);
    await expect.poll(() => distinct(read), PATIENT).toEqual(all);
    await expect.poll(() => distinct(handled), PATIENT).toEqual(all);
  });

  it('may go again as soon as it is back, and that is noticed as well', async () => {
    await world.killNats();
    await expect.poll(() => bus.connection.up).toBe(false);
    const back = reconnected();
    await world.restartNats();
    await back;

    await world.killNats();

    await expect.poll(() => bus.connection.up, { timeout: 1_000 }).toBe(false);
    await world.restartNats();
    await untilUp();
  });

  it('may have lost its data: streams and consumers are made again', async () => {
    const event = newParcel('INBOX');
    const handled: number[] = [];
    closing.push(await serveOnBus(bus, { controllers: [eachParcel(event, async ({ data }) => void handled.push(data.n))] }));
    await publish(event, 1);
    await expect.poll(() => handled).toEqual([1]);

    await world.killNats();
    await world.restartNats({ emptied: true });
    await publishedWithin(10_000, event, 2);

    await expect.poll(() => distinct(handled), PATIENT).toEqual([1, 2]);
  });
});
