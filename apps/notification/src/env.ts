import { BaseEnv, readEnv } from '#server';

export const env = readEnv(BaseEnv);
