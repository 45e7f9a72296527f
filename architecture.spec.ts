import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;
const APPS = ['gateway', 'session', 'message', 'analysis', 'user', 'config', 'notification'];

/** What each lib may use of ours; `*` is every lib. */
const LIBS: Record<string, readonly string[]> = {
  contracts: [],
  bus: ['contracts'],
  client: ['contracts'],
  crypto: ['contracts'],
  storage: ['contracts'],
  db: [],
  redis: [],
  embedded: [],
  server: ['contracts', 'bus'],
  testing: ['contracts', 'bus', 'client', 'crypto', 'storage', 'db', 'redis', 'embedded', 'server'],
};
const RUNTIME_LIBS = new Set(['contracts', 'bus', 'client', 'crypto', 'storage', 'db', 'redis', 'server']);

/** Outside SDKs that only one file may know: everybody else uses our word for it. */
const ONE_ADAPTER: Record<string, string> = {
  'oidc-provider': 'apps/user/src/issuer/',
  '@node-rs/argon2': 'apps/user/src/issuer/password.ts',
  jose: 'apps/',
  ioredis: 'libs/redis/',
  '@prisma/adapter-pg': 'libs/db/',
  ws: 'apps/gateway/src/realtime/',
  pino: 'libs/server/src/logger.ts',
};

interface Import {
  readonly file: string;
  readonly from: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes(`${sep}generated`))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

const files = [...sources('apps'), ...sources('libs')];
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, from]) => ({ file, from: from ?? '' }));
});

const isSpec = (file: string) => /\.spec(-d)?\.ts$|\/(test|bench)\/|test-server\.ts$/.test(file);
const production = imports.filter(({ file }) => !isSpec(file));
const show = (breaches: readonly Import[]) => breaches.map(({ file, from }) => `${file} imports ${from}`);
const libOf = (from: string) => /^#([a-z]+)$/.exec(from)?.[1];
/** The place a relative import leads to. */
const target = ({ file, from }: Import) => (from.startsWith('.') ? join(dirname(file), from).replaceAll(sep, '/') : undefined);

describe('the import rules of docs/architecture.md', () => {
  it('looks at real files', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(400);
  });

  it.each(Object.entries(LIBS))('lets lib %s use only %j of ours', (lib, allowed) => {
    const own = production.filter(({ file }) => file.startsWith(`libs/${lib}/`));

    const breaches = own.filter(({ from }) => {
      const used = libOf(from);
      return used !== undefined && used !== lib && !allowed.includes(used);
    });

    expect(show(breaches), `${lib} may use ${allowed.join(', ') || 'nothing of ours'}: move the code, or the rule with a reason`).toEqual(
      [],
    );
  });

  it('reaches libs by their door only', () => {
    const breaches = imports.filter((one) => {
      const to = target(one);
      return to?.startsWith('libs/') === true && to.split('/')[1] !== one.file.split('/')[1];
    });

    expect(show(breaches), 'import the lib as #name').toEqual([]);
  });

  it('lets the contracts use nothing but zod', () => {
    const breaches = production.filter(({ file, from }) => file.startsWith('libs/contracts/') && !from.startsWith('.') && from !== 'zod');

    expect(show(breaches), 'the browser uses the contracts too').toEqual([]);
  });

  it.each(APPS)('lets app %s use every lib but testing and embedded, and no other app', (app) => {
    const own = production.filter(({ file }) => file.startsWith(`apps/${app}/`));

    const breaches = own.filter((one) => {
      const lib = libOf(one.from);
      if (lib !== undefined) return !RUNTIME_LIBS.has(lib);
      const to = target(one);
      return to !== undefined && !to.startsWith(`apps/${app}/`);
    });

    expect(show(breaches), 'an app asks another over the bus').toEqual([]);
  });

  it('lets apps/local use the modules of the server apps and nothing else of theirs', () => {
    const breaches = production.filter((one) => {
      if (!one.file.startsWith('apps/local/')) return false;
      const to = target(one);
      return to !== undefined && !to.startsWith('apps/local/') && !/^apps\/([a-z]+)\/src\/\1\.module\.js$/.test(to);
    });

    expect(show(breaches)).toEqual([]);
  });

  it('keeps SQL in repositories and the database in modules', () => {
    const breaches = production.filter(
      ({ file, from }) =>
        from === '#db' &&
        file.startsWith('apps/') &&
        !/\.(repository|module)\.ts$/.test(file) &&
        !file.startsWith('apps/local/') &&
        !importsOnlyTransactions(file),
    );

    expect(show(breaches), 'only *.repository.ts writes SQL; services order transactions').toEqual([]);
    const statements = files.filter(
      (file) => file.startsWith('apps/') && !isSpec(file) && !file.endsWith('.repository.ts') && hasSql(file),
    );
    expect(statements, 'move the statement into a *.repository.ts').toEqual([]);
  });

  it('lets only main.ts and modules read the environment', () => {
    const breaches = production.filter(
      ({ file, from }) => /(^|\/)env\.js$/.test(from) && file.startsWith('apps/') && !/\/(main|[a-z]+\.module)\.ts$/.test(file),
    );

    expect(show(breaches), 'hand the value in from the module').toEqual([]);
  });

  it.each(Object.entries(ONE_ADAPTER))('hides %s behind %s', (sdk, place) => {
    const breaches = production.filter(({ file, from }) => from === sdk && !file.startsWith(place) && !file.startsWith('libs/testing/'));

    expect(show(breaches)).toEqual([]);
  });
});

/** A service may open a transaction and hand it to repositories; it takes no other part of the database. */
function importsOnlyTransactions(file: string): boolean {
  const names = /import \{([^}]*)\} from '#db'/.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? '';
  const used = names.split(',').map((name) => name.replace(/^\s*type\s/, '').trim());
  return used.every((name) => ['Database', 'CommandAnswers', 'Transaction', ''].includes(name));
}

function hasSql(file: string): boolean {
  return /\$(queryRaw|executeRaw)/.test(readFileSync(join(ROOT, file), 'utf8'));
}
