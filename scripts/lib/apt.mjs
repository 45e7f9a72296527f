import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codename, machineSources, sourcesFor } from './apt-sources.mjs';
import { Trouble, run } from './step.mjs';

const patience = ['Acquire::http::Timeout=20', 'Acquire::https::Timeout=20', 'Acquire::Retries=2', 'DPkg::Lock::Timeout=60'];
const quiet = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1', LC_ALL: 'C' };

/** Installs a package on the machine; only root may. */
export async function installPackage(name) {
  await apt([], ['-qq', 'update']); // best effort: the lists may be locked, or good enough already
  await must(apt([], ['install', '-y', '-qq', '--no-install-recommends', name]));
}

/**
 * Fetches packages and unpacks them into `target`, touching nothing else on the machine, so that anybody may.
 * `suite`: another suite of the machine's own Debian archive; without it the machine's own sources are used, and what the
 * packages need and the machine lacks comes along.
 */
export async function unpackPackage(name, target, suite) {
  const work = mkdtempSync(join(tmpdir(), 'alra-apt-'));
  try {
    const options = privateOptions(work, suite);
    const update = await apt(options, ['-qq', 'update']); // may complain about a third party's source, so the download decides
    const names = suite === undefined ? await withMissingLibraries(options, name) : [name];
    const download = await apt(options, ['-qq', 'download', ...names], work);
    if (download.code !== 0) throw new Trouble(/^[EW]: (Failed to fetch .*)/m.exec(update.output)?.[1] ?? reasonOf(download));
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb')))
      await must(run('dpkg', ['-x', join(work, file), target]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function privateOptions(work, suite) {
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), { recursive: true });
  const own = [
    `Dir::State::Lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=root',
    'Debug::NoLocking=true',
    'Acquire::Languages=none',
  ];
  if (suite === undefined) return own;
  const sources = sourcesFor(suite, machineSources(), codename());
  if (sources === '') throw new Trouble("the machine's apt has no Debian archive among its sources");
  writeFileSync(join(work, 'parts', 'alra.sources'), `${sources}\n`);
  return [
    ...own,
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${work}/parts`,
    'Dir::Etc::Preferences=/dev/null',
    'Dir::Etc::PreferencesParts=/dev/null',
  ];
}

async function withMissingLibraries(options, name) {
  const { output } = await must(apt(options, ['-qq', '--simulate', 'install', '--no-install-recommends', name]));
  const missing = [...output.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
  return [...new Set([name, ...missing])];
}

function apt(options, args, cwd = '/') {
  return run('apt-get', [...[...patience, ...options].flatMap((option) => ['-o', option]), ...args], {
    cwd,
    env: quiet,
    timeoutMs: 180_000,
  });
}

async function must(running) {
  const result = await running;
  if (result.code !== 0) throw new Trouble(reasonOf(result));
  return result;
}

function reasonOf({ code, output }) {
  if (code === 127) return 'this machine has no apt';
  if (code === 124) return 'apt did not finish within 3 minutes';
  return (
    output
      .split('\n')
      .find((line) => line.startsWith('E:'))
      ?.slice(2)
      .trim() ?? `apt failed with exit code ${code}`
  );
}
