import { StandardSchemaValidationPipe } from '@nestjs/common';
import { refuse } from './problem.js';

/** Checks every `schema` of a route; a breach is a 400 that names each place, never the value. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      refuse(
        400,
        'The request is not what this route takes; see errors.',
        issues.slice(0, 20).map((issue) => ({ path: pathOf(issue.path), message: issue.message.slice(0, 300) })),
      ),
  });
}

function pathOf(path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.') || '(body)';
}
