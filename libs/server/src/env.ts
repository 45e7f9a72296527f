import { z } from 'zod';

/** What every app reads from its environment; an app's own `env.ts` extends it. */
export const BaseEnv = z.object({
  NATS_URL: z.string().min(1),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  LOG_FILE: z.string().optional(),
  /** port of `/healthz`, `/readyz` and `/metrics` when the app runs alone */
  OPS_PORT: z.coerce.number().int().min(0).max(65_535).default(9_100),
  OPS_HOST: z.string().default('127.0.0.1'),
});

/** For apps with tables and ciphertext. */
export const DataEnv = BaseEnv.extend({
  DATABASE_URL: z.string().min(1),
  KEYS_DIR: z.string().min(1),
  MASTER_KEY_FILE: z.string().min(1),
});

/** The environment is not what the app needs; the message names every variable. */
export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Parses the environment once. Throws BadEnvironment with one line. */
export function readEnv<S extends z.ZodType>(schema: S, source: NodeJS.ProcessEnv = process.env): z.output<S> {
  const result = schema.safeParse(source);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new BadEnvironment(`the environment is not complete: ${wrong}`);
}
