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
  throw new Trouble(
    'node_modules holds no Node.js 24: npm skipped install scripts; run "npm config set ignore-scripts false", delete node_modules and start again',
  );
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
  let { code, output } = await npm('ci');
  // npm 11 and 12 refuse a lock file without the optional packages that a registry lacks (npm/cli#9846); this honours the rest of it
  if (code !== 0 && lacksOptionalOnly(output)) ({ code, output } = await npm('install', '--no-save'));
  if (code === 0) return;
  if (code === 127) throw new Trouble('npm is missing: install Node.js 20 or newer together with npm');
  const log = join(root, '.cache', 'npm.log');
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(log, output);
  const reason = output.split('\n').find((line) => /^npm (error|ERR!) (?!code)\S/.test(line)) ?? `exit code ${code}`;
  throw new Trouble(
    `npm could not install the dependencies (${reason.trim()}): check the network and the npm registry; everything it said is in ${log}`,
  );
}

function npm(...args) {
  const path = process.env.npm_execpath ?? '';
  const command = path.endsWith('.js') ? [process.execPath, path] : ['npm'];
  return run(command[0], [...command.slice(1), ...args, '--no-audit', '--no-fund'], { timeoutMs: 1_200_000 });
}

function lacksOptionalOnly(output) {
  const missing = [...output.matchAll(/Missing: (\S+)@\S* from lock file/g)].map((match) => match[1]);
  const optional = new Set(Object.values(readLock().packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {})));
  return missing.length > 0 && !/Invalid: /.test(output) && missing.every((name) => optional.has(name));
}

function readLock() {
  return JSON.parse(readFileSync(lockfile, 'utf8'));
}

// npm keeps a list of what it installed; when somebody ran npm by hand it tells that nothing is to be done
function installedAsLocked() {
  const list = join(modules, '.package-lock.json');
  if (!existsSync(list)) return false;
  const wanted = Object.entries(readLock().packages).filter(([path]) => path !== '');
  const found = JSON.parse(readFileSync(list, 'utf8')).packages;
  const names = new Set(wanted.map(([path]) => path));
  const complete = wanted.every(([path, entry]) =>
    path in found ? found[path].version === entry.version : entry.optional || entry.devOptional,
  );
  return complete && Object.keys(found).every((path) => names.has(path));
}
