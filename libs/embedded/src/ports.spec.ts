import { describe, expect, it } from 'vitest';
import { StartFailed } from './errors.js';
import { onPort } from './ports.js';

describe(onPort.name, () => {
  it('takes another port when somebody took ours for a moment', async () => {
    const tried: number[] = [];

    const started = await onPort(undefined, (port) => {
      tried.push(port);
      const taken = new StartFailed('nats-server', 'it ended at once', ['listen tcp 127.0.0.1: bind: address already in use']);
      return tried.length < 2 ? Promise.reject(taken) : Promise.resolve(port);
    });

    expect(tried).toHaveLength(2);
    expect(started).toBe(tried[1]);
  });

  it('does not try again what failed for another reason', async () => {
    let tries = 0;

    await expect(
      onPort(undefined, () => {
        tries += 1;
        return Promise.reject(new StartFailed('nats-server', 'it ended at once', ['no space left on device']));
      }),
    ).rejects.toThrow('no space left');

    expect(tries).toBe(1);
  });
});
