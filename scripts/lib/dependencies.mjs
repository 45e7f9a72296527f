import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble, root, run, step } from './step.mjs';

const lockfile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.alra-lock');

/** The Node.js the project runs on, whatever the machine has. */
export function node24() {
  for (const path of [join(modules, '.bin', 'node'), join(modules, 'node', 'bin', 'node')]) if (existsSync(path)) return path;
  throw new Trouble('node_modules holds no Node.js 24: npm skipped install scripts; run "npm config set ignore-scripts false", delete node_modules and start again');
}

/** Installs what package-lock.json names, unless that is there already. */
export async function ensureDependencies() {
  await step('dependencies', async () => {
    const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return undefined;
    const installed = installedAsLocked();
    if (!installed) await install();
    node24();
    writeFileSync(stamp, hash);
    return installed ? undefined : 'dependencies installed';
  });
}

async function install() {
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const { code, output } = await run(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund'], { timeoutMs: 1_200_000 });
  if (code === 0) return;
  if (code === 127) throw new Trouble('npm is missing: install Node.js 20 or newer together with npm');
  const log = join(root, '.cache', 'npm-ci.log');
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(log, output);
  const reason = output.split('\n').find((line) => /^npm (error|ERR!) (?!code)/.test(line)) ?? `exit code ${code}`;
  throw new Trouble(`npm ci failed (${reason.trim()}): check the network and the npm registry; everything it said is in ${log}`);
}

// npm keeps a list of what it installed; when somebody ran npm by hand it tells that nothing is to be done
function installedAsLocked() {
  const list = join(modules, '.package-lock.json');
  if (!existsSync(list)) return false;
  const wanted = Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages).filter(([path]) => path !== '');
  const found = JSON.parse(readFileSync(list, 'utf8')).packages;
  const names = new Set(wanted.map(([path]) => path));
  const complete = wanted.every(([path, entry]) => (path in found ? found[path].version === entry.version : entry.optional || entry.devOptional));
  return complete && Object.keys(found).every((path) => names.has(path));
}
