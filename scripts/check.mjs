import { join } from 'node:path';
import { ensureClient, ensureDependencies, node24 } from './lib/prepare.mjs';
import { main, root, run } from './lib/step.mjs';

const tool = (...path) => join(root, 'node_modules', ...path);
const checks = [
  ['types', tool('@typescript', 'native', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false'],
  ['lint', tool('oxlint', 'bin', 'oxlint'), '--type-aware'],
  ['format', tool('oxfmt', 'bin', 'oxfmt'), '--check'],
  ['unused code', tool('knip', 'bin', 'knip.js')],
];

await main(async () => {
  await ensureDependencies();
  await ensureClient();
  let failures = 0;
  for (const [name, program, ...args] of checks) failures += await check(name, program, args);
  return failures === 0 ? 0 : 1;
});

async function check(name, program, args) {
  const begin = Date.now();
  const { code, output } = await run(node24(), [program, ...args]);
  if (code !== 0) console.log(output.trimEnd());
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  return code === 0 ? 0 : 1;
}
