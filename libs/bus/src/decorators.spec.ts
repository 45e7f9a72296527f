import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CommandResult, defineCommand, defineEvent, defineQuestion } from '#contracts';
import { Answer, type Asked, Carries, type Delivered, On, OnBatch } from './index.js';

const Sent = defineEvent({ name: 'parcel.sent', stream: 'FACTS', version: 1, schema: z.object({ weight: z.number() }) });
const Lost = defineEvent({ name: 'parcel.lost', stream: 'FACTS', version: 1, schema: z.object({ since: z.string() }) });
const Send = defineCommand({
  name: 'parcel.send',
  version: 1,
  owner: 'message',
  schema: z.object({ to: z.string() }),
  answer: z.object({ id: z.string() }),
});
const Count = defineQuestion({ name: 'parcel.count', owner: 'message', schema: z.object({ to: z.string() }), answer: z.number() });
type Sent = z.infer<typeof Sent.schema>;
type Lost = z.infer<typeof Lost.schema>;
type Send = z.infer<typeof Send.schema>;
type Count = z.infer<typeof Count.schema>;

/** The compiler is the test: every line below an expectation must be refused by `npm run check`, every other one must pass. */
class Handlers {
  @On(Sent)
  async on(_delivery: Delivered<Sent>): Promise<void> {}

  @On(Sent)
  async onEither(_delivery: Delivered<Sent> | Delivered<Lost>): Promise<void> {}

  @On(Send)
  async onCommandOfAnother(_delivery: Delivered<Send>): Promise<void> {}

  @OnBatch(Sent)
  async onBatch(_batch: readonly Delivered<Sent>[]): Promise<void> {}

  @Carries(Send)
  async carries(_delivery: Delivered<Send>): Promise<CommandResult> {
    return { status: 'done', answer: { id: '1' } };
  }

  @Answer(Count)
  async answer(_asked: Asked<Count>): Promise<number> {
    return 1;
  }

  // @ts-expect-error another event's data
  @On(Sent)
  async onOther(_delivery: Delivered<Lost>): Promise<void> {}

  // @ts-expect-error the data without its delivery
  @On(Sent)
  async onBare(_data: Sent): Promise<void> {}

  // @ts-expect-error a batch where one comes
  @On(Sent)
  async onMany(_batch: readonly Delivered<Sent>[]): Promise<void> {}

  // @ts-expect-error the ack would not wait for what is not a promise
  @On(Sent)
  onAtOnce(_delivery: Delivered<Sent>): void {}

  // @ts-expect-error an event's handler has nobody to answer
  @On(Sent)
  async onAnswering(_delivery: Delivered<Sent>): Promise<string> {
    return '';
  }

  // @ts-expect-error one where a batch comes
  @OnBatch(Sent)
  async onBatchOfOne(_delivery: Delivered<Sent>): Promise<void> {}

  // @ts-expect-error a batch the handler may change
  @OnBatch(Sent)
  async onBatchOfItsOwn(_batch: Delivered<Sent>[]): Promise<void> {}

  // @ts-expect-error a batch of another event
  @OnBatch(Sent)
  async onBatchOfOthers(_batch: readonly Delivered<Lost>[]): Promise<void> {}

  // @ts-expect-error an event is not carried out
  @Carries(Sent)
  async carriesEvent(_delivery: Delivered<Sent>): Promise<CommandResult> {
    return { status: 'done', answer: null };
  }

  // @ts-expect-error a command's issuer waits for an answer
  @Carries(Send)
  async carriesSilently(_delivery: Delivered<Send>): Promise<void> {}

  // @ts-expect-error another command's data
  @Carries(Send)
  async carriesOther(_delivery: Delivered<{ whom: string }>): Promise<CommandResult> {
    return { status: 'done', answer: null };
  }

  // @ts-expect-error an answer of another shape
  @Answer(Count)
  async answerInWords(_asked: Asked<Count>): Promise<string> {
    return 'one';
  }

  // @ts-expect-error a question of another shape
  @Answer(Count)
  async answerOther(_asked: Asked<{ from: string }>): Promise<number> {
    return 1;
  }
}

describe('the decorators of handlers', () => {
  it('leave a handler callable as it was written', async () => {
    const handlers = new Handlers();

    expect(await handlers.carries({} as Delivered<Send>)).toEqual({ status: 'done', answer: { id: '1' } });
  });

  it('check what a question brings against its schema before its handler sees it', async () => {
    const handlers = new Handlers();

    expect(await handlers.answer({ organisationId: 'o', input: { to: 'Rua Augusta' } })).toBe(1);
    expect(() => handlers.answer({ organisationId: 'o', input: {} as Count })).toThrow(z.ZodError);
  });
});
