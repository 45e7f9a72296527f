import { Redis } from 'ioredis';

/** A Redis client that fails fast: Redis is a cache here, so nobody waits for it longer than `commandTimeout`. */
export function connectRedis(url: string, name: string): Redis {
  const client = new Redis(url, {
    connectionName: `alra-${name}`,
    commandTimeout: 200,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
  });
  // without a listener ioredis prints every failed attempt; whoever needs Redis sees the failed command
  client.on('error', () => undefined);
  return client;
}
