import { z } from 'zod';
import { DataEnv, readEnv } from '#server';

export const env = readEnv(DataEnv.extend({ REDIS_URL: z.string().min(1) }));
