import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], exclude: string[], extra: object = {}) => ({
  extends: true as const,
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude], ...extra },
});

const specs = (kind: string) => [`apps/**/*${kind}.spec.ts`, `libs/**/*${kind}.spec.ts`];

export default defineConfig({
  // libraries are tested from their sources; without this `#bus` would be the last build
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      project('unit', [...specs(''), '*.spec.ts', 'scripts/**/*.spec.mjs'], [...specs('.int'), ...specs('.e2e')], {
        // properties and key drawing take their time on a busy machine
        testTimeout: 20_000,
      }),
      project('int', specs('.int'), [], { globalSetup: ['libs/testing/src/global-setup.ts'], testTimeout: 30_000, hookTimeout: 60_000 }),
      project('e2e', specs('.e2e'), [], {
        globalSetup: ['libs/testing/src/global-setup.ts', 'libs/testing/src/system-setup.ts'],
        testTimeout: 60_000,
        hookTimeout: 90_000,
      }),
    ],
  },
});
