import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { node24 } from './dependencies.mjs';
import { Trouble, root, run, step } from './step.mjs';

const stampFile = join(root, 'dist', '.stamp');
const schema = join(root, 'prisma', 'schema.prisma');
const generated = join(root, 'libs', 'db', 'src', 'generated');

/** Generates the database client and compiles, as far as the sources changed. */
export async function ensureBuild() {
  await step('build', async () => {
    const regenerated = await ensureClient();
    const sources = hash(sourceFiles().map(fileState));
    if (readStamp().sources === sources) return undefined;
    await compile();
    writeStamp({ sources });
    return regenerated ? 'database client and build' : 'build';
  });
}

/** Generates the database client when the schema changed; tells whether it did. */
export async function ensureClient() {
  if (!existsSync(schema)) return false;
  const client = hash(['prisma', 'package-lock.json', 'prisma.config.ts'].flatMap((name) => filesIn(join(root, name))).map(fileState));
  if (existsSync(generated) && readStamp().client === client) return false;
  const prisma = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  // it wants to download a program that generating does not use: any file satisfies it
  const env = {
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  const { code, output } = await run(node24(), [prisma, 'generate'], { env });
  if (code !== 0) failed('prisma generate failed: see its message above', output);
  writeStamp({ client });
  return true;
}

async function compile() {
  // without its output, what the compiler remembers of it is wrong
  if (readStamp().sources === undefined) rmSync(join(root, 'node_modules', '.cache', 'tsc.build.tsbuildinfo'), { force: true });
  const { code, output } = await run(node24(), [
    join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  if (code !== 0) failed('the build failed: see the compiler errors above', output);
}

function failed(message, output) {
  console.error(output.trimEnd());
  throw new Trouble(message);
}

function sourceFiles() {
  const folders = ['apps', 'libs'].flatMap((kind) => {
    const names = existsSync(join(root, kind)) ? readdirSync(join(root, kind)) : [];
    return names.map((name) => join(root, kind, name, 'src'));
  });
  const files = [
    ...folders,
    ...['package.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) => join(root, name)),
  ].flatMap(filesIn);
  return existsSync(schema) ? [...files, ...filesIn(join(root, 'prisma'))] : files;
}

function filesIn(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  if (!entry.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((child) => filesIn(join(path, child.name)));
}

function fileState(path) {
  const { mtimeMs, size } = statSync(path);
  return `${path} ${mtimeMs} ${size}`;
}

function hash(lines) {
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {}; // absent or broken: build
  }
}

function writeStamp(change) {
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamp(), ...change }));
}
