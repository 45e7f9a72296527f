import { join } from 'node:path';
import { ensureClient, ensureDependencies, ensureServers, node24 } from './lib/prepare.mjs';
import { main, root, run, runInTerminal, Trouble } from './lib/step.mjs';

// The benchmarks are built with everything, tests included: they start the product as the tests do.
await main(async () => {
  await ensureDependencies();
  await ensureServers();
  await ensureClient();
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const { code, output } = await run(node24(), [tsc, '-p', join(root, 'tsconfig.json')]);
  if (code !== 0) throw new Trouble(`the build failed:\n${output}`);
  return runInTerminal(node24(), [join(root, 'dist', 'apps', 'local', 'bench', 'bench.js'), ...process.argv.slice(2)]);
});
