/** One thing an app needs; `check` resolves when it works right now. */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

/** The token under which a module hands over its health checks. */
export const HEALTH_CHECKS = Symbol('health checks');

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Record<string, 'ok' | 'away'>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** Runs every check at once; one that does not answer in two seconds is away. */
export async function readiness(checks: readonly HealthCheck[]): Promise<Readiness> {
  const results = await Promise.all(checks.map(async ({ name, check }) => [name, await outcome(check)] as const));
  return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
}

async function outcome(check: () => Promise<void>): Promise<'ok' | 'away'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'away'>((resolve) => {
    timer = setTimeout(() => resolve('away'), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([
      Promise.resolve()
        .then(check)
        .then(
          () => 'ok' as const,
          () => 'away' as const,
        ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
