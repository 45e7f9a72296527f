export * from './cache.js';
export * from './claims.js';
export * from './redis.js';
export * from './redis.module.js';
export * from './settings-key.js';
export * from './short-memory.js';
