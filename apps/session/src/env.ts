import { DataEnv, readEnv } from '#server';

export const env = readEnv(DataEnv);
