import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb'))) await must(run('dpkg', ['-x', join(work, file), target]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Package sources like the machine's own Debian archive, for one other suite. */
export function sourcesFor(suite, entries, codename) {
  const archive = entries.filter(({ uris, suites, components }) => suites.includes(codename) && components.includes('main') && !uris.includes('security'));
  const official = archive.filter(({ uris }) => /\/debian(\.list)?\/?(\s|$)/.test(uris));
  return (official.length > 0 ? official : archive).map(({ uris, signedBy }) => ['Types: deb', `URIs: ${uris}`, `Suites: ${suite}`, 'Components: main', ...signedBy].join('\n')).join('\n\n');
}

/** The entries of a deb822 file (`*.sources`). */
export function parseSources(text) {
  const stanzas = text.replaceAll(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    // a field goes on over lines that begin with a blank (a key may stand inside Signed-By)
    const fields = Object.fromEntries(stanza.split(/\n(?=\S)/).map((field) => [field.slice(0, field.indexOf(':')).trim().toLowerCase(), field]));
    const value = (name) => fields[name]?.slice(name.length + 1).trim() ?? '';
    if (!/\bdeb\b/.test(value('types').replace('deb-src', '')) || value('enabled').toLowerCase() === 'no') return [];
    const signedBy = 'signed-by' in fields ? [fields['signed-by']] : [];
    return [{ uris: value('uris'), suites: value('suites').split(/\s+/), components: value('components').split(/\s+/), signedBy }];
  });
}

/** The entries of an old file with one source a line (`*.list`). */
export function parseList(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*(?:#.*)?$/.exec(line);
    if (match === null) return [];
    const key = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [{ uris: match[2], suites: [match[3]], components: match[4].split(/\s+/), signedBy: key === undefined ? [] : [`Signed-By: ${key}`] }];
  });
}

function privateOptions(work, suite) {
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), { recursive: true });
  const own = [`Dir::State::Lists=${work}/lists`, `Dir::Cache=${work}/cache`, 'APT::Sandbox::User=root', 'Debug::NoLocking=true', 'Acquire::Languages=none'];
  if (suite === undefined) return own;
  const sources = sourcesFor(suite, machineSources(), codename());
  if (sources === '') throw new Trouble("the machine's apt has no Debian archive among its sources");
  writeFileSync(join(work, 'parts', 'alra.sources'), `${sources}\n`);
  return [...own, 'Dir::Etc::SourceList=/dev/null', `Dir::Etc::SourceParts=${work}/parts`, 'Dir::Etc::Preferences=/dev/null', 'Dir::Etc::PreferencesParts=/dev/null'];
}

function machineSources() {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])];
  return files.filter((file) => existsSync(file)).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return file.endsWith('.sources') ? parseSources(text) : file.endsWith('.list') ? parseList(text) : [];
  });
}

function codename() {
  return /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

async function withMissingLibraries(options, name) {
  const { output } = await must(apt(options, ['-qq', '--simulate', 'install', '--no-install-recommends', name]));
  const missing = [...output.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
  return [...new Set([name, ...missing])];
}

function apt(options, args, cwd = '/') {
  return run('apt-get', [...[...patience, ...options].flatMap((option) => ['-o', option]), ...args], { cwd, env: quiet, timeoutMs: 180_000 });
}

async function must(running) {
  const result = await running;
  if (result.code !== 0) throw new Trouble(reasonOf(result));
  return result;
}

function reasonOf({ code, output }) {
  if (code === 127) return 'this machine has no apt';
  if (code === 124) return 'apt did not finish within 3 minutes';
  return output.split('\n').find((line) => line.startsWith('E:'))?.slice(2).trim() ?? `apt failed with exit code ${code}`;
}
