import type { Judge } from '#bus';

/** The token under which a module hands over how its own failures are judged: away, poison, or unknown. */
export const JUDGES = Symbol('judges');

/** The first verdict that is not `unknown`. */
export function judgeByAll(judges: readonly Judge[]): Judge {
  return (error) => {
    for (const judge of judges) {
      const verdict = judge(error);
      if (verdict !== 'unknown') return verdict;
    }
    return 'unknown';
  };
}
