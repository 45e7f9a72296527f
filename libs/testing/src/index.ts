export * from './api.js';
export * from './delivered.builder.js';
export * from './on-bus.js';
export * from './received.builder.js';
export * from './screen-client.js';
export * from './system.js';
export * from './webhook.builder.js';
export * from './world.js';
