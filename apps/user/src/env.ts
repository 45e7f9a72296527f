import { z } from 'zod';
import { DataEnv, readEnv } from '#server';

export const env = readEnv(
  DataEnv.extend({
    /** scheme and host under which clients reach the gateway; the `iss` of every token */
    PUBLIC_URL: z.url(),
    ISSUER_PORT: z.coerce.number().int().min(1).max(65_535).default(9_201),
    ISSUER_HOST: z.string().default('127.0.0.1'),
    TOKEN_AUDIENCE: z.string().default('alra'),
    /** where the first start leaves the operator's API client, readable by nobody else */
    CREDENTIALS_FILE: z.string().optional(),
  }),
);
