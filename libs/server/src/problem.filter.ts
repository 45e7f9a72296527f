import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, type LoggerService } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { BusAway, NoAnswer, QuestionRefused, traceIdOf } from '#bus';
import type { Problem } from '#contracts';
import { framesOf } from './frames.js';
import { problem, ProblemException } from './problem.js';

const RETRY_SECONDS = 2;

/** The one place where a failure becomes an answer; what nobody expected is a 500 that says nothing but its trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: LoggerService) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    // on the bus the consumer loop decides: it needs the error as it is
    if (host.getType() !== 'http') return throwError(() => error);
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const told = toProblem(error);
    const traceId = traceIdOf(request.id);
    if (told.status >= 500) this.logger.error({ msg: 'a request failed', traceId, status: told.status, error: describe(error) });
    if (reply.sent) return undefined;
    const seconds = error instanceof ProblemException ? error.retryAfterSeconds : told.status === 503 ? RETRY_SECONDS : undefined;
    if (seconds !== undefined) void reply.header('retry-after', String(seconds));
    return reply
      .status(told.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify({ ...told, instance: `urn:trace:${traceId}` }));
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof ProblemException || error instanceof QuestionRefused) return error.problem;
  if (error instanceof BusAway || error instanceof NoAnswer) {
    return problem(503, 'A part of the system is not reachable right now. Nothing was taken; send the request again.');
  }
  if (error instanceof HttpException) return problem(error.getStatus(), error.message);
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500)
    return problem(status, error instanceof Error ? error.message : 'Bad request.');
  return problem(500, 'Something went wrong on our side. Quote the instance when you report it.');
}

/** Fastify's own errors (malformed JSON, body too large, unknown media type) carry their status. */
function statusOf(error: unknown): number | undefined {
  const status: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Name and place, not the message: a driver's message may quote a row. */
function describe(error: unknown): string {
  return error instanceof Error ? [error.name, ...framesOf(error, 6)].join(' | ') : typeof error;
}
