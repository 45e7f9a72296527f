import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonLogger } from './logger.js';

const SECRET = 'Oi, meu CPF é 529.982.247-25';

let directory: string;
let count = 0;

/** Every line a logger wrote, once it wrote as many as asked for. */
const written = async (log: (logger: JsonLogger) => void, lines = 1): Promise<Record<string, unknown>[]> => {
  const file = join(directory, `${(count += 1)}.log`);
  log(new JsonLogger('message', { level: 'info', file }));
  const read = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await expect.poll(async () => (await read()).length).toBe(lines);
  return (await read()).map((line) => JSON.parse(line) as Record<string, unknown>);
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alra-log-'));
});

afterAll(() => rm(directory, { recursive: true }));

describe(JsonLogger.name, () => {
  it('writes one JSON object a line, with level, time, app and context', async () => {
    const [text, detail] = await written((logger) => {
      logger.log('started', 'NestApplication');
      logger.warn({ msg: 'a batch is held', size: 3 }, 'JetStreamServer');
    }, 2);

    expect(text).toMatchObject({
      level: 30,
      app: 'message',
      msg: 'started',
      context: 'NestApplication',
      time: expect.stringMatching(/Z$/),
    });
    expect(detail).toMatchObject({ level: 40, msg: 'a batch is held', size: 3, context: 'JetStreamServer' });
  });

  it('keeps a line one line, whatever stands in it', async () => {
    const lines = await written((logger) => logger.log('first\n{"level":60,"msg":"forged"}\r\n'));

    expect(lines).toMatchObject([{ msg: 'first\n{"level":60,"msg":"forged"}\r\n' }]);
  });

  it('writes of an error its name and where it happened, never its text: a driver quotes rows in it', async () => {
    class RowError extends Error {
      override readonly name = 'RowError';
    }
    const error = new RowError(`Failing row contains\n(${SECRET})\n  at the end`);

    const [line] = await written((logger) => logger.error(error, 'MessageService'));

    expect(JSON.stringify(line)).not.toContain('529');
    expect(line).toMatchObject({ error: 'RowError', context: 'MessageService' });
    expect(line?.['stack']).toEqual(expect.arrayContaining([expect.stringMatching(/^at .*logger\.spec\.ts/)]));
  });

  it('writes no text of an error that comes as a detail, or of a stack that comes as a text', async () => {
    const error = new Error(SECRET, { cause: new Error(SECRET) });

    const lines = await written((logger) => {
      logger.error({ msg: 'it failed', err: error, error });
      logger.error('it failed', error.stack);
      logger.error('it failed', error.stack, 'MessageService');
    }, 3);

    expect(JSON.stringify(lines)).not.toContain('529');
    expect(lines.map(({ msg }) => msg)).toEqual(['it failed', 'it failed', 'it failed']);
    expect(lines[2]).toMatchObject({ context: 'MessageService' });
  });

  it('leaves out what is below its level', async () => {
    const lines = await written((logger) => {
      logger.debug('small');
      logger.verbose('smaller');
      logger.fatal('large');
    });

    expect(lines).toMatchObject([{ level: 60, msg: 'large' }]);
  });
});
