import { type ArgumentsHost, BadRequestException, ForbiddenException, NotFoundException } from '@nestjs/common';
import { lastValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BusAway, NoAnswer, QuestionRefused } from '#bus';
import { Problem } from '#contracts';
import { ProblemFilter } from './problem.filter.js';
import { problem, ProblemException, refuse } from './problem.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SECRET = 'segredo 529.982.247-25';

/** What a client gets and what the log says, for one failure. */
function answerTo(error: unknown, { sent = false } = {}) {
  const told: { status?: number; headers: Record<string, string>; body?: unknown; logged: unknown[] } = { headers: {}, logged: [] };
  const reply = {
    sent,
    status: (status: number) => {
      told.status = status;
      return reply;
    },
    header: (name: string, value: string) => {
      told.headers[name] = value;
      return reply;
    },
    send: (body: string) => {
      told.body = JSON.parse(body);
      return reply;
    },
  };
  const host = {
    getType: () => 'http',
    switchToHttp: () => ({ getRequest: () => ({ id: `00-${TRACE}-b7ad6b7169203331-01` }), getResponse: () => reply }),
  };
  const log = (line: unknown) => void told.logged.push(line);
  const filter = new ProblemFilter({ log, warn: log, error: log });
  // oxlint-disable-next-line promise/no-promise-in-callback -- no promise: the name is Nest's
  filter.catch(error, host as unknown as ArgumentsHost);
  return told;
}

class FastifyError extends Error {
  constructor(readonly statusCode: number) {
    super('Request body is too large');
  }
}

describe(ProblemFilter.name, () => {
  it.each([
    ['a refusal', refuse(404, 'There is no such conversation.'), 404, 'There is no such conversation.'],
    ['a refusal of another app', new QuestionRefused(problem(409, 'Taken.')), 409, 'Taken.'],
    ["Nest's own exceptions", new ForbiddenException('No.'), 403, 'No.'],
    ['an unknown route', new NotFoundException('Cannot GET /x'), 404, 'Cannot GET /x'],
    ["Fastify's own errors", new FastifyError(413), 413, 'Request body is too large'],
    ['a bad request', new BadRequestException('Unexpected token'), 400, 'Unexpected token'],
  ])('tells the client of %s what is wrong', (_, error, status, detail) => {
    const told = answerTo(error);

    expect(told).toMatchObject({ status, body: { status, detail, instance: `urn:trace:${TRACE}` }, logged: [] });
    expect(told.headers).toEqual({ 'content-type': 'application/problem+json; charset=utf-8' });
    expect(Problem.safeParse(told.body).success).toBe(true);
  });

  it.each([new BusAway('not connected'), new NoAnswer('nobody answered')])(
    'answers 503 with Retry-After to $name, and logs it',
    (error) => {
      const told = answerTo(error);

      expect(told).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
      expect(told.logged).toMatchObject([{ traceId: TRACE, status: 503 }]);
    },
  );

  it('says when a refusal may be tried again', () => {
    expect(answerTo(new ProblemException(problem(429, 'Slowly.'), 17)).headers).toMatchObject({ 'retry-after': '17' });
  });

  it('keeps the places that are wrong', () => {
    const errors = [{ path: 'name', message: 'too short' }];

    expect(answerTo(refuse(400, 'See errors.', errors)).body).toMatchObject({ errors });
  });

  it.each([new Error(SECRET), new FastifyError(500), SECRET, undefined, null, { statusCode: 'x', message: SECRET }])(
    'answers 500 to what nobody expected (%#), which says nothing but its trace, to the client or in the log',
    (error) => {
      const told = answerTo(error);

      expect(told.status).toBe(500);
      expect(JSON.stringify(told)).not.toContain('529');
      expect(told.body).toMatchObject({ instance: `urn:trace:${TRACE}` });
      expect(told.logged).toMatchObject([{ traceId: TRACE, status: 500 }]);
    },
  );

  it('leaves an answer alone that is on its way already, and logs', () => {
    expect(answerTo(new Error(SECRET), { sent: true })).toMatchObject({ headers: {}, logged: [{ status: 500 }] });
  });

  it('hands an error on the bus on as it is', async () => {
    const error = new Error('as it is');
    const host = { getType: () => 'rpc' } as unknown as ArgumentsHost;
    const filter = new ProblemFilter({ log: () => undefined, warn: () => undefined, error: () => undefined });

    await expect(lastValueFrom(filter.catch(error, host) as Observable<never>)).rejects.toBe(error);
  });
});
