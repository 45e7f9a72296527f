import type { Problem } from '#contracts';

/** The broker is not reachable or did not confirm in time; what was to be said may be said again with the same id. */
export class BusAway extends Error {
  override readonly name = 'BusAway';
}

/** Nobody answered a question in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** A message that can never be handled: it breaks its own schema, or a rule says so. */
export class Poison extends Error {
  override readonly name = 'Poison';
}

/** The owner of a question refused it for a reason the asker's client can mend. */
export class QuestionRefused extends Error {
  override readonly name = 'QuestionRefused';

  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}
