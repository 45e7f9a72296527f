import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { CommandResult, Problem } from '#contracts';

/** Builds problem details (RFC 9457); `detail` says what is wrong and what to do. */
export function problem(status: number, detail: string, errors?: Problem['errors']): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, ...(errors === undefined ? {} : { errors }) };
}

/** A failure meant for the client, as it will read it. */
export class ProblemException extends HttpException {
  constructor(
    readonly problem: Problem,
    readonly retryAfterSeconds?: number,
  ) {
    super(problem, problem.status);
  }
}

/** Refuses a request: `throw refuse(404, 'No such session.')`. */
export function refuse(status: number, detail: string, errors?: Problem['errors']): ProblemException {
  return new ProblemException(problem(status, detail, errors));
}

/** A command refused: what its owner answers instead of throwing, for the refusal is kept like any answer. */
export const refused = (status: number, detail: string): CommandResult => ({ status: 'refused', problem: problem(status, detail) });

/** The refusal of a key that was used for another request. */
export const KEY_CONFLICT = refused(422, 'This Idempotency-Key was used for another request. Use a new key for a new request.');
