export * from './derived-id.js';
export * from './envelope.js';
export * from './errors.js';
export * from './file-key-store.js';
export * from './key-store.js';
export * from './keys.module.js';
export { writeOnce } from './master-key.js';
export * from './organisation-keys.js';
