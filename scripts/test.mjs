import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild, ensureDependencies, ensureServers, node24 } from './lib/prepare.mjs';
import { main, root, runInTerminal } from './lib/step.mjs';

const report = join(root, '.cache', 'test-report.json');

await main(async () => {
  await ensureDependencies();
  await ensureServers();
  await ensureBuild();
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runInTerminal(node24(), [vitest, 'run', ...reporters, ...process.argv.slice(2)]);
  const { passed, failed } = count();
  console.log(`${passed} passed, ${failed} failed`);
  return code === 0 && failed === 0 ? 0 : 1;
});

function count() {
  if (!existsSync(report)) return { passed: 0, failed: 1 }; // Vitest itself failed
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // a file that cannot even be loaded has no tests to count
  const unloadable = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloadable.length };
}
