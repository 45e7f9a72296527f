import { describe, expect, it } from 'vitest';
import { parseList, parseSources, sourcesFor } from './apt-sources.mjs';

const debian = 'URIs: http://deb.debian.org/debian\nSuites: sid\nComponents: main';

describe(sourcesFor.name, () => {
  it('takes the main archive out of a deb822 file, with its keyring', () => {
    const text = `Types: deb deb-src
# a snapshot
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`;

    expect(sourcesFor('sid', parseSources(text), 'bookworm')).toBe(
      `Types: deb\n${debian}\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg`,
    );
  });

  it('keeps a key that stands inside the file', () => {
    const text = `Types: deb\nURIs: http://mirror/debian/\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN-----\n .\n abc\n`;

    expect(sourcesFor('sid', parseSources(text), 'trixie')).toContain('Signed-By:\n -----BEGIN-----\n .\n abc');
  });

  it('reads the old format and leaves third parties and disabled entries out', () => {
    const list = `# comment
deb http://deb.debian.org/debian bookworm main non-free
deb-src http://deb.debian.org/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] https://download.docker.com/linux/debian bookworm stable
deb https://packages.sury.org/php/ bookworm main # php
deb http://security.debian.org/debian-security bookworm-security main`;
    const disabled = 'Enabled: no\nTypes: deb\nURIs: http://off/debian\nSuites: bookworm\nComponents: main';

    expect(sourcesFor('sid', [...parseList(list), ...parseSources(disabled)], 'bookworm')).toBe(`Types: deb\n${debian}`);
  });

  it('finds nothing on a machine without a Debian archive', () => {
    expect(sourcesFor('sid', parseList('deb http://archive.example/other noble main'), 'bookworm')).toBe('');
  });
});
