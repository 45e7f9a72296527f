import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the machine's apt reads. */
export function machineSources() {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])];
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return file.endsWith('.sources') ? parseSources(text) : file.endsWith('.list') ? parseList(text) : [];
    });
}

/** The name of the machine's own suite. */
export function codename() {
  return /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

/** Package sources like the machine's own Debian archive, for one other suite. */
export function sourcesFor(suite, entries, current) {
  const archive = entries.filter(
    ({ uris, suites, components }) => suites.includes(current) && components.includes('main') && !uris.includes('security'),
  );
  const official = archive.filter(({ uris }) => /\/debian(\.list)?\/?(\s|$)/.test(uris));
  return (official.length > 0 ? official : archive)
    .map(({ uris, signedBy }) => ['Types: deb', `URIs: ${uris}`, `Suites: ${suite}`, 'Components: main', ...signedBy].join('\n'))
    .join('\n\n');
}

/** The entries of a deb822 file (`*.sources`). */
export function parseSources(text) {
  const stanzas = text.replaceAll(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    // a field goes on over lines that begin with a blank (a key may stand inside Signed-By)
    const fields = Object.fromEntries(
      stanza.split(/\n(?=\S)/).map((field) => [field.slice(0, field.indexOf(':')).trim().toLowerCase(), field]),
    );
    const value = (name) => fields[name]?.slice(name.length + 1).trim() ?? '';
    if (!/\bdeb\b/.test(value('types').replace('deb-src', '')) || value('enabled').toLowerCase() === 'no') return [];
    const signedBy = 'signed-by' in fields ? [fields['signed-by']] : [];
    return [
      {
        uris: value('uris'),
        suites: value('suites').split(/\s+/),
        components: value('components').split(/\s+/),
        signedBy,
      },
    ];
  });
}

/** The entries of an old file with one source a line (`*.list`). */
export function parseList(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*(?:#.*)?$/.exec(line);
    if (match === null) return [];
    const key = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [
      {
        uris: match[2],
        suites: [match[3]],
        components: match[4].split(/\s+/),
        signedBy: key === undefined ? [] : [`Signed-By: ${key}`],
      },
    ];
  });
}
