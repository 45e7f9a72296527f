import { describe, expect, it } from 'vitest';
import { BadEnvironment, BaseEnv, DataEnv, readEnv } from './env.js';

const failure = (source: NodeJS.ProcessEnv) => {
  try {
    readEnv(DataEnv, source);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe(readEnv.name, () => {
  it('names every variable that is missing, in one line', () => {
    const error = failure({ NATS_URL: 'nats://localhost' });

    expect(error).toBeInstanceOf(BadEnvironment);
    expect(String(error)).toMatch(/DATABASE_URL.*KEYS_DIR.*MASTER_KEY_FILE/);
    expect(String(error)).not.toMatch(/NATS_URL|\n/);
  });

  it('names what is wrong without repeating it, for it may be a secret', () => {
    const error = failure({
      NATS_URL: '',
      DATABASE_URL: 'x',
      KEYS_DIR: 'x',
      MASTER_KEY_FILE: 'x',
      LOG_LEVEL: 'segredo',
      OPS_PORT: '70000',
    });

    expect(String(error)).toMatch(/NATS_URL.*LOG_LEVEL.*OPS_PORT/);
    expect(String(error)).not.toContain('segredo');
  });

  it('has a default for what may be left out, and takes numbers as texts', () => {
    expect(readEnv(BaseEnv, { NATS_URL: 'nats://localhost', OPS_PORT: '0', HOME: '/root' })).toEqual({
      NATS_URL: 'nats://localhost',
      LOG_LEVEL: 'info',
      OPS_PORT: 0,
      OPS_HOST: '127.0.0.1',
    });
  });
});
