import type { TestProject } from 'vitest/node';

/** One built product for a whole run of end-to-end tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // through the project, for Node itself would read the imports of `#embedded` from the last build
  const { startSystem } = await project.import<typeof import('./system.js')>(new URL('./system.ts', import.meta.url).pathname);
  const system = await startSystem();
  const { url, port, dataDir, credentials } = system;
  project.provide('system', { url, port, dataDir, credentials });
  return async () => {
    await system.stop();
    await system.remove();
  };
}
