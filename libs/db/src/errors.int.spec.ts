import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '#embedded';
import { newOrganisation, query, startWorld, type World } from '#testing';
import { Database, type DatabaseOptions, isDatabaseAway, isDataError, judgeDatabase, sql, type Transaction } from './index.js';

let world: World;
let database: Database;
let organisationId: string;

const open = (more: Partial<DatabaseOptions> = {}) => new Database({ app: 'errors', url: world.databaseUrl, connections: 2, ...more });
/** What a transaction fails with; the test fails when it does not. */
const failureOf = async (work: (tx: Transaction) => Promise<unknown>, on = database): Promise<unknown> => {
  try {
    await on.withOrganisation(organisationId, work);
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};
const insertSettings = (tx: Transaction, subject: string) =>
  tx.$executeRaw`insert into settings (org_id, scope, subject, value) values (${organisationId}::uuid, 'user', ${subject}, '{}')`;
const backends = () => query<{ pid: number }>(world.adminUrl, "select pid from pg_stat_activity where application_name = 'alra-errors'");
const terminateAll = () =>
  query(world.adminUrl, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'alra-errors'");

beforeAll(async () => {
  world = await startWorld();
  database = open();
  organisationId = await newOrganisation(world);
});

afterAll(async () => {
  await database?.close();
  await world?.stop();
});

describe('an error that the same data will always meet', () => {
  const poison: Record<string, (tx: Transaction) => Promise<unknown>> = {
    'a key that is there already': async (tx) => [await insertSettings(tx, 'twice'), await insertSettings(tx, 'twice')],
    'a text that is no uuid': (tx) => tx.$queryRaw`select ${'not a uuid'}::uuid`,
    'a NUL in a text': (tx) => tx.$queryRaw`select ${'a\0b'}::text`,
    'a NUL inside of JSON': (tx) => tx.$queryRaw`select * from jsonb_to_recordset(${JSON.stringify([{ t: 'a\0b' }])}::jsonb) as r(t text)`,
    'a number out of range': (tx) => tx.$queryRaw`select ${'99999'}::text::smallint`,
    'a missing value': (tx) =>
      tx.$executeRaw`insert into settings (org_id, scope, subject, value) values (${organisationId}::uuid, 'user', null, '{}')`,
    'a time that cannot be': (tx) => tx.$queryRaw`select ${'2026-02-31T00:00:00Z'}::text::timestamptz`,
  };

  it.each(Object.keys(poison))('is %s', async (name) => {
    const error = await failureOf((tx) => poison[name]?.(tx) ?? Promise.resolve());

    expect(judgeDatabase(error)).toBe('poison');
    expect([isDataError(error), isDatabaseAway(error)]).toEqual([true, false]);
  });

  it('is the same in a single statement', async () => {
    const error: unknown = await database
      .statement(organisationId, sql`select to_jsonb(($1->>'n')::int)`, { n: 'x' })
      .catch((cause: unknown) => cause);

    expect(judgeDatabase(error)).toBe('poison');
  });
});

describe('an error that passes by itself', () => {
  it('is a server that refuses connections, or is not found', async () => {
    const url = new URL(world.databaseUrl);
    url.port = String(await freePort());
    const nowhere = new URL(world.databaseUrl);
    nowhere.hostname = 'nowhere.invalid';

    for (const { href } of [url, nowhere]) {
      const away = open({ url: href });
      expect(judgeDatabase(await failureOf((tx) => tx.$queryRaw`select 1`, away))).toBe('away');
      expect(judgeDatabase(await away.ping().catch((error: unknown) => error))).toBe('away');
      await away.close();
    }
  });

  it('is a statement that takes too long', async () => {
    const hasty = open({ statementTimeout: 100 });

    expect(judgeDatabase(await failureOf((tx) => tx.$queryRaw`select pg_sleep(5)`, hasty))).toBe('away');

    await hasty.close();
  });

  it('is a connection that is cut in the middle of a statement, and the next one works', async () => {
    const failing = failureOf((tx) => tx.$queryRaw`select pg_sleep(5)`);
    await expect.poll(async () => (await backends()).length).toBeGreaterThan(0);
    await sleep(100);
    await terminateAll();

    expect(judgeDatabase(await failing)).toBe('away');
    expect(await database.withOrganisation(organisationId, (tx) => tx.$queryRaw`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  it('is a connection that is cut between two statements', async () => {
    const error = await failureOf(async (tx) => {
      await tx.$queryRaw`select 1`;
      await terminateAll();
      await sleep(100);
      await insertSettings(tx, 'after the cut');
    });

    expect(judgeDatabase(error)).toBe('away');
  });

  it('is nothing to those that rest in the pool while they are cut', async () => {
    await Promise.all([1, 2].map(() => database.withOrganisation(organisationId, (tx) => tx.$queryRaw`select 1`)));
    await terminateAll();
    await sleep(200);

    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('is a transaction that waited too long with nothing to do', async () => {
    const error = await failureOf(async (tx) => {
      await tx.$executeRaw`set local idle_in_transaction_session_timeout = 100`;
      await sleep(300);
      await tx.$queryRaw`select 1`;
    });

    expect(judgeDatabase(error)).toBe('away');
  });

  it('is a server with too many connections', async () => {
    const name = new URL(world.databaseUrl).pathname.slice(1);
    await database.ping();
    await query(world.adminUrl, `alter database ${name} connection limit 0`);
    const late = open();

    expect(judgeDatabase(await failureOf((tx) => tx.$queryRaw`select 1`, late))).toBe('away');

    await query(world.adminUrl, `alter database ${name} connection limit -1`);
    await late.close();
  });

  it('is a deadlock, for the one who is picked', async () => {
    await database.withOrganisation(organisationId, async (tx) => [await insertSettings(tx, 'd1'), await insertSettings(tx, 'd2')]);
    const lock = (tx: Transaction, subject: string) =>
      tx.$executeRaw`update settings set version = version + 1 where org_id = ${organisationId}::uuid and subject = ${subject}`;
    const crosswise = (first: string, second: string) =>
      database
        .withOrganisation(organisationId, async (tx) => {
          await lock(tx, first);
          await sleep(200);
          await lock(tx, second);
        })
        .then(
          () => 'done',
          (error: unknown) => judgeDatabase(error),
        );

    expect((await Promise.all([crosswise('d1', 'd2'), crosswise('d2', 'd1')])).toSorted()).toEqual(['away', 'done']);
  });

  it('is a lock that is not given back in time', async () => {
    await database.withOrganisation(organisationId, (tx) => insertSettings(tx, 'locked'));
    const wait = (tx: Transaction) =>
      tx.$executeRaw`update settings set version = 2 where org_id = ${organisationId}::uuid and subject = 'locked'`;

    const error = await database.withOrganisation(organisationId, async (tx) => {
      await wait(tx);
      return failureOf(async (other) => {
        await other.$executeRaw`set local lock_timeout = 100`;
        await wait(other);
      });
    });

    expect(judgeDatabase(error)).toBe('away');
  });
});

describe('an error by the code the server gives it', () => {
  const raised = (code: string) =>
    failureOf(async (tx) => {
      await tx.$executeRaw`select set_config('test.code', ${code}, true)`;
      await tx.$executeRaw`do $$ begin raise exception using errcode = current_setting('test.code'); end $$`;
    });

  it.each(['08006', '25006', '40001', '53100', '53200', '57P01', '57P03', '58030'])('%s passes by itself', async (code) => {
    expect(judgeDatabase(await raised(code))).toBe('away');
  });

  it.each(['22003', '22P05', '23502', '23503', '23514'])('%s is one of the data', async (code) => {
    expect(judgeDatabase(await raised(code))).toBe('poison');
  });

  it.each(['42501', '42703', '42P01', '0A000'])('%s is one of the program', async (code) => {
    expect(judgeDatabase(await raised(code))).toBe('unknown');
  });
});

describe('an error nobody knows here', () => {
  it('is one of the program: a table that is not there, a right that is not given', async () => {
    expect(judgeDatabase(await failureOf((tx) => tx.$queryRaw`select * from nowhere`))).toBe('unknown');
    expect(judgeDatabase(await failureOf((tx) => tx.$queryRaw`select * from _prisma_migrations`))).toBe('unknown');
    expect(judgeDatabase(await failureOf(() => Promise.reject(new TypeError('x is not a function'))))).toBe('unknown');
    expect(judgeDatabase('a text')).toBe('unknown');
    expect(judgeDatabase(undefined)).toBe('unknown');
  });

  it('is not an error whose text only sounds like a lost connection because of what somebody wrote', () => {
    expect(isDataError(new Error('connection terminated'))).toBe(false);
  });
});
