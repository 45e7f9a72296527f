import { parseArgs } from 'node:util';
import { z } from 'zod';

const Options = z.object({ port: z.coerce.number().int().min(1).max(65_535), data: z.string().min(1) });

/** What `npm start` was told. */
export interface LocalOptions {
  readonly port: number;
  readonly dataDir: string;
  readonly publicUrl: string;
  readonly external: {
    readonly databaseUrl?: string | undefined;
    readonly databaseOwnerUrl?: string | undefined;
    readonly natsUrl?: string | undefined;
    readonly natsMonitorUrl?: string | undefined;
    readonly redisUrl?: string | undefined;
  };
}

/** Reads arguments and variables; `scripts/start.mjs` has checked the arguments. Throws a ZodError. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): LocalOptions {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string' }, data: { type: 'string' } } });
  const { port, data } = Options.parse(values);
  return {
    port,
    dataDir: data,
    publicUrl: new URL(env['PUBLIC_URL'] ?? `http://localhost:${port}`).origin,
    external: {
      databaseUrl: env['DATABASE_URL'] || undefined,
      databaseOwnerUrl: env['DATABASE_OWNER_URL'] || undefined,
      natsUrl: env['NATS_URL'] || undefined,
      natsMonitorUrl: env['NATS_MONITOR_URL'] || undefined,
      redisUrl: env['REDIS_URL'] || undefined,
    },
  };
}
