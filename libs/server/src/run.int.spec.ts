import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Answer, type Asked, type Bus, NoAnswer, QuestionRefused } from '#bus';
import { defineQuestion } from '#contracts';
import { eachParcel, newParcel, openBus, serveOnBus, startWorld, type World } from '#testing';
import { refuse, run } from './index.js';

const organisationId = randomUUID();
const Door = defineQuestion({ name: 'door.open', owner: 'config', schema: z.object({ key: z.string() }), answer: z.string() });

@Controller()
class Doors {
  @Answer(Door)
  async open({ input }: Asked<{ key: string }>): Promise<string> {
    if (input.key !== 'right') throw refuse(404, 'There is no such door.', [{ path: 'key', message: 'unknown' }]);
    return 'open';
  }
}

let world: World;
let bus: Bus;

beforeAll(async () => {
  world = await startWorld();
  bus = await openBus(world.nats.url, 'config');
});

afterAll(async () => {
  await bus?.connection.drain();
  await world?.stop();
});

describe(run.name, () => {
  it('carries the refusal of a question to whoever asked, as it was meant for the client', async () => {
    const stop = await serveOnBus(bus, { controllers: [Doors] });

    const refusal = await bus.ask(Door, organisationId, { key: 'wrong' }).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(QuestionRefused);
    expect(refusal).toMatchObject({
      problem: { status: 404, detail: 'There is no such door.', errors: [{ path: 'key', message: 'unknown' }] },
    });
    expect(await bus.ask(Door, organisationId, { key: 'right' })).toBe('open');
    await stop();
  });

  it('finishes what is in hand when it closes, takes nothing more, and answers nothing more', async () => {
    const event = newParcel();
    const [began, finished]: [number[], number[]] = [[], []];
    const slowly = eachParcel(event, async ({ data }) => {
      began.push(data.n);
      await sleep(300);
      finished.push(data.n);
    });
    const stop = await serveOnBus(bus, { controllers: [Doors, slowly] });
    for (const n of [1, 2, 3]) await bus.publish(event, { organisationId, id: `${event.name}:${n}` }, { n });
    await expect.poll(() => began).toEqual([1]);

    await stop();

    expect(began).toEqual([1]);
    expect(finished).toEqual([1]);
    await expect(bus.ask(Door, organisationId, { key: 'right' })).rejects.toThrow(NoAnswer);
    const consumer = `config-${event.name.replaceAll('.', '-')}`;
    await expect.poll(async () => (await bus.connection.manager.consumers.info('FACTS', consumer)).ack_floor.consumer_seq).toBe(1);
  });
});
