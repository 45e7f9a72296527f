export * from './command-answers.js';
export * from './database.js';
export * from './database.module.js';
export * from './errors.js';
export * from './migrate.js';
