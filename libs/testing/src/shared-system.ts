import { inject } from 'vitest';
import type { System } from './system.js';

/** A system that many spec files use at once, each with organisations of its own. Nobody stops it but the run's end. */
export type SharedSystem = Pick<System, 'url' | 'port' | 'dataDir' | 'credentials'>;

declare module 'vitest' {
  interface ProvidedContext {
    system: SharedSystem;
  }
}

/** The system of the run. Whoever kills, stops or breaks a system starts one of its own. */
export const sharedSystem = (): SharedSystem => inject('system');
