import { z } from 'zod';
import { BaseEnv, readEnv } from '#server';

export const env = readEnv(
  BaseEnv.extend({
    PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
    HOST: z.string().default('127.0.0.1'),
    /** scheme and host under which clients reach the gateway; tokens must name it as their issuer */
    PUBLIC_URL: z.url(),
    /** the user app's private port, where `/oauth` is passed on to */
    ISSUER_URL: z.url().default('http://127.0.0.1:9201'),
    TOKEN_AUDIENCE: z.string().default('alra'),
    REDIS_URL: z.string().min(1),
    KEYS_DIR: z.string().min(1),
    MASTER_KEY_FILE: z.string().min(1),
  }),
);
