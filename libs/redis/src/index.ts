export * from './cache.js';
export * from './claims.js';
export * from './redis.js';
