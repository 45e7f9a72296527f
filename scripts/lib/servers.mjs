import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { installPackage, unpackPackage } from './apt.mjs';
import { Trouble, root as projectRoot, run, step } from './step.mjs';

const nats = { program: 'nats-server', atLeast: [2, 12], instead: 'NATS_URL', install: installNats };
const redis = { program: 'redis-server', atLeast: [6, 0], instead: 'REDIS_URL', install: installRedis };

/** Sees to it that `<root>/.data/bin` holds the server programs, from the PATH or from Debian's packages; `without` names programs that are not needed. */
export async function ensureServers({ root = projectRoot, without = [] } = {}) {
  const bin = join(root, '.data', 'bin');
  mkdirSync(bin, { recursive: true, mode: 0o755 });
  for (const server of [nats, redis]) if (!without.includes(server.program)) await step(server.program, () => ensure(server, bin));
}

async function ensure({ program, atLeast, instead, install }, bin) {
  const path = join(bin, program);
  const present = await versionOf(path);
  if (isEnough(present, atLeast)) return `${program} ${present}`;
  for (const found of inPath(program)) {
    const version = await versionOf(found);
    if (!isEnough(version, atLeast)) continue;
    replaceBy(path, (draft) => symlinkSync(found, draft));
    return `${program} ${version}`;
  }
  try {
    await install(path);
  } catch (error) {
    throw new Trouble(
      `${program} ${atLeast.join('.')} or newer is needed and could not be installed (${error.message}): put it into your PATH, or set ${instead} to one that runs elsewhere`,
    );
  }
  const version = await versionOf(path);
  if (!isEnough(version, atLeast))
    throw new Trouble(
      `${program} ${atLeast.join('.')} or newer is needed, but the package brought ${version ?? 'one that does not run'}: put a newer one into your PATH`,
    );
  return `${program} ${version} installed`;
}

// Debian's current suite ships a nats-server without durable acknowledgements; the newest suite's is one static program
async function installNats(path) {
  const unpacked = `${path}.unpacked-${process.pid}`;
  try {
    await unpackPackage('nats-server', unpacked, 'sid');
    replaceBy(path, (draft) => {
      copyFileSync(join(unpacked, 'usr', 'sbin', 'nats-server'), draft);
      chmodSync(draft, 0o755);
    });
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

// redis-check-rdb of redis-tools is the server's own program: its name decides; this package starts no system service
async function installRedis(path) {
  const system = '/usr/bin/redis-check-rdb';
  if (process.getuid() === 0 && !existsSync(system)) await installPackage('redis-tools').catch(() => undefined); // then the other way
  if (existsSync(system)) return replaceBy(path, (draft) => symlinkSync(system, draft));
  const parts = `${path}.parts`;
  rmSync(parts, { recursive: true, force: true });
  await unpackPackage('redis-tools', parts);
  symlinkSync('redis-check-rdb', join(parts, 'usr', 'bin', 'redis-server'));
  const libraries = foldersWithLibraries(parts).map((folder) => `$here/${relative(dirname(path), folder)}`);
  return replaceBy(path, (draft) => writeFileSync(draft, wrapper(libraries.join(':'), relative(dirname(path), parts)), { mode: 0o755 }));
}

function wrapper(libraries, parts) {
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="${libraries}" exec "$here/${parts}/usr/bin/redis-server" "$@"
`;
}

function foldersWithLibraries(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.name.includes('.so'));
  return [...new Set(files.map((entry) => entry.parentPath ?? entry.path))];
}

// a rename: a server that runs keeps its program, and two scripts at once do not meet half a file
function replaceBy(path, make) {
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  make(draft);
  renameSync(draft, path);
}

function inPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/local/sbin', '/usr/sbin')
    .map((folder) => join(folder, program))
    .filter((path) => existsSync(path));
}

async function versionOf(path) {
  const { code, output } = await run(path, ['--version'], { timeoutMs: 10_000 });
  return code === 0 ? /v=?\s?(\d+\.\d+\.\d+)/.exec(output)?.[1] : undefined;
}

function isEnough(version, [major, minor]) {
  const [foundMajor = 0, foundMinor = 0] = (version ?? '').split('.').map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}
