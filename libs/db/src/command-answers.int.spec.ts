import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOrganisation, query, startWorld, type World } from '#testing';
import { type CommandKey, CommandAnswers, Database, type Sealer, type Transaction } from './index.js';

type Result = { status: string; answer?: unknown };
const CONFLICT: Result = { status: 'conflict' };

let world: World;
let database: Database;
let answers: CommandAnswers;
let keys: Sealer;

const newCommand = (more: Partial<CommandKey> = {}): CommandKey => ({ client: 'crm', key: randomUUID(), requestHash: 'a', ...more });
/** An effect that can be counted: a row under the command's own subject. */
const effect =
  (subject: string, answer: unknown = { text: 'feito' }) =>
  async (tx: Transaction): Promise<Result> => {
    await tx.$executeRaw`
      insert into settings (org_id, scope, subject, value) values (${keys.organisationId}::uuid, 'effect', ${subject}, '{}')
      on conflict (org_id, scope, subject) do update set version = settings.version + 1`;
    return { status: 'done', answer };
  };
const timesOf = async (subject: string) => {
  const rows = await query<{ version: number }>(world.adminUrl, "select version from settings where scope = 'effect' and subject = $1", [
    subject,
  ]);
  return rows[0]?.version ?? 0;
};
const storedOf = (command: CommandKey) =>
  query<{ answer: Buffer; kept_for: string }>(
    world.adminUrl,
    "select answer, date_trunc('hour', expires_at - now() + interval '1 minute')::text as kept_for from command_answers where key = $1",
    [command.key],
  );

beforeAll(async () => {
  world = await startWorld();
  database = new Database({ app: 'test', url: world.databaseUrl });
  answers = new CommandAnswers(database, 'test');
  keys = await world.keyStore.of(await newOrganisation(world));
});

afterAll(async () => {
  await database?.close();
  await world?.stop();
});

describe(CommandAnswers.name, () => {
  it('carries the same command out once and gives the same answer every time', async () => {
    const command = newCommand();

    const first = await answers.carryOut(keys, command, CONFLICT, effect(command.key, { text: 'primeira' }));
    const second = await answers.carryOut(keys, command, CONFLICT, effect(command.key, { text: 'segunda' }));

    expect(first).toEqual({ status: 'done', answer: { text: 'primeira' } });
    expect(second).toEqual(first);
    expect(await timesOf(command.key)).toBe(1);
    expect(await answers.recorded(keys, command, CONFLICT)).toEqual(first);
  });

  it('carries a command out once when it comes ten times at once', async () => {
    const command = newCommand();

    const results = await Promise.all(
      Array.from({ length: 10 }, () => answers.carryOut(keys, command, CONFLICT, effect(command.key, randomUUID()))),
    );

    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(await timesOf(command.key)).toBe(1);
  });

  it('refuses another request under the same key, and does nothing', async () => {
    const command = newCommand();
    await answers.carryOut(keys, command, CONFLICT, effect(command.key));

    const other = { ...command, requestHash: 'b' };

    expect(await answers.carryOut(keys, other, CONFLICT, effect(command.key))).toEqual(CONFLICT);
    expect(await answers.recorded(keys, other, CONFLICT)).toEqual(CONFLICT);
    expect(await timesOf(command.key)).toBe(1);
  });

  it('keeps a refusal like any answer', async () => {
    const command = newCommand();
    const refusal = { status: 'refused' };

    await answers.carryOut(keys, command, CONFLICT, () => Promise.resolve(refusal));

    expect(await answers.carryOut(keys, command, CONFLICT, effect(command.key))).toEqual(refusal);
    expect(await timesOf(command.key)).toBe(0);
  });

  it('keeps nothing of a command that failed, so that it can be carried out again', async () => {
    const command = newCommand();
    const crash = answers.carryOut<Result>(keys, command, CONFLICT, async (tx) => {
      await effect(command.key)(tx);
      throw new Error('crashed before the commit');
    });

    await expect(crash).rejects.toThrow('crashed before the commit');
    expect(await timesOf(command.key)).toBe(0);
    expect(await answers.recorded(keys, command, CONFLICT)).toBeNull();
    expect(await answers.carryOut(keys, command, CONFLICT, effect(command.key))).toMatchObject({ status: 'done' });
    expect(await timesOf(command.key)).toBe(1);
  });

  it('carries a second one out when the first, which it waited for, failed', async () => {
    const command = newCommand();
    let fail: (error: Error) => void = () => undefined;
    const failing = answers.carryOut<Result>(keys, command, CONFLICT, () => new Promise((_, reject) => (fail = reject)));
    await expect.poll(() => fail.length).toBe(1);

    const waiting = answers.carryOut(keys, command, CONFLICT, effect(command.key));
    setTimeout(() => fail(new Error('crashed')), 150);

    await expect(failing).rejects.toThrow('crashed');
    expect(await waiting).toMatchObject({ status: 'done' });
    expect(await timesOf(command.key)).toBe(1);
  });

  it('keeps answers for 24 hours as ciphertext only', async () => {
    const command = newCommand();
    await answers.carryOut(keys, command, CONFLICT, effect(command.key, { text: 'canário 5511987650001' }));

    const [row] = await storedOf(command);

    expect(row?.kept_for).toBe('24:00:00');
    expect(row?.answer.toString('latin1')).not.toContain('5511987650001');
    expect(keys.open(`${command.client}:${command.key}`, 'answer', row?.answer ?? Buffer.alloc(0))).toContain('canário 5511987650001');
  });

  it('takes a key again when its 24 hours are over', async () => {
    const command = newCommand();
    await answers.carryOut(keys, command, CONFLICT, effect(command.key, 'old'));
    await query(world.adminUrl, "update command_answers set expires_at = now() - interval '1 second' where key = $1", [command.key]);

    expect(await answers.recorded(keys, command, CONFLICT)).toBeNull();
    const later = await answers.carryOut(keys, { ...command, requestHash: 'b' }, CONFLICT, effect(command.key, 'new'));

    expect(later).toEqual({ status: 'done', answer: 'new' });
    expect(await timesOf(command.key)).toBe(2);
  });

  it('knows keys by app, client and organisation', async () => {
    const command = newCommand();
    const others = await world.keyStore.of(await newOrganisation(world));
    await answers.carryOut(keys, command, CONFLICT, effect(command.key));

    expect(await answers.recorded(others, command, CONFLICT)).toBeNull();
    expect(await answers.recorded(keys, { ...command, client: 'site' }, CONFLICT)).toBeNull();
    expect(await new CommandAnswers(database, 'other').recorded(keys, command, CONFLICT)).toBeNull();
  });

  it('carries out what comes without a key every time', async () => {
    const subject = randomUUID();

    await answers.carryOut(keys, undefined, CONFLICT, effect(subject));
    await answers.carryOut(keys, undefined, CONFLICT, effect(subject));

    expect(await timesOf(subject)).toBe(2);
  });
});
