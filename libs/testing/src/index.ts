export * from './api.js';
export * from './screen-client.js';
export * from './system.js';
export * from './webhook.builder.js';
export * from './world.js';
