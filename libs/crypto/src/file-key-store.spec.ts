import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DecryptionFailed,
  FileKeyStore,
  judgeKeys,
  MasterKeyUnusable,
  OrganisationKeyMissing,
  OrganisationKeyUnusable,
  writeOnce,
} from './index.js';

let directory: string;
let masterKeyFile: string;

const newStore = async () => {
  const folder = join(directory, randomUUID());
  return { folder, store: await FileKeyStore.open(folder, masterKeyFile) };
};
const again = (folder: string, master = masterKeyFile) => FileKeyStore.open(folder, master);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alra-keys-'));
  masterKeyFile = join(directory, 'master.key');
  await writeOnce(masterKeyFile, randomBytes(32).toString('base64'));
});

afterAll(() => rm(directory, { recursive: true }));

describe(FileKeyStore.name, () => {
  it('makes an organisation one key, however often and by however many it is asked', async () => {
    const { folder, store } = await newStore();
    const organisationId = randomUUID();
    const stores = await Promise.all(Array.from({ length: 20 }, () => again(folder)));

    const made = await Promise.all([...stores, store, store].map((one) => one.create(organisationId)));
    const later = await (await again(folder)).create(organisationId);

    expect(new Set([...made, later].map((keys) => keys.id('x'))).size).toBe(1);
    expect(await readdir(join(folder, organisationId))).toEqual(['1.key']);
    expect(later.open('e', 'f', made[7]?.seal('e', 'f', 'Oi') ?? Buffer.alloc(0))).toBe('Oi');
  });

  it('says that a key is missing, and finds it once somebody made it', async () => {
    const { folder, store } = await newStore();
    const organisationId = randomUUID();

    const failure = await store.of(organisationId).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OrganisationKeyMissing);
    expect(judgeKeys(failure)).toBe('away');

    const made = await (await again(folder)).create(organisationId);
    expect((await store.of(organisationId)).id('x')).toBe(made.id('x'));
  });

  it('keeps its files for their owner alone, and no key in the clear', async () => {
    const { folder, store } = await newStore();
    const organisationId = randomUUID();

    await store.create(organisationId);

    const file = join(folder, organisationId, '1.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, organisationId))).mode & 0o777).toBe(0o700);
    expect((await stat(masterKeyFile)).mode & 0o777).toBe(0o600);
    expect((await readFile(file)).length).toBe(3 + 12 + 32 + 16);
  });

  it('does not open a key file that was changed, cut, or taken from another organisation', async () => {
    const { folder, store } = await newStore();
    const [organisationId, other] = [randomUUID(), randomUUID()];
    await store.create(organisationId);
    const file = join(folder, organisationId, '1.key');
    const whole = await readFile(file);
    const changed = Buffer.from(whole);
    changed[20] = (changed[20] ?? 0) ^ 1;
    await mkdir(join(folder, other));
    await cp(file, join(folder, other, '1.key'));

    await expect((await again(folder)).of(other)).rejects.toThrow(OrganisationKeyUnusable);
    for (const bytes of [changed, whole.subarray(0, 30), Buffer.alloc(0)]) {
      await writeFile(file, bytes);
      await expect((await again(folder)).of(organisationId)).rejects.toThrow(OrganisationKeyUnusable);
    }
  });

  it('with another master key opens nothing, and holds every message until the right one is back', async () => {
    const { folder, store } = await newStore();
    const organisationId = randomUUID();
    await store.create(organisationId);
    const wrong = join(directory, `${randomUUID()}.key`);
    await writeOnce(wrong, randomBytes(32).toString('base64'));

    const failure = await (await again(folder, wrong)).of(organisationId).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(OrganisationKeyUnusable);
    expect(judgeKeys(failure)).toBe('away');
    expect(judgeKeys(new DecryptionFailed('a value'))).toBe('poison');
    expect(judgeKeys(new Error('something'))).toBe('unknown');
  });

  it('refuses a master key that is missing, cut or no key', async () => {
    const folder = join(directory, randomUUID());
    const bad = join(directory, `${randomUUID()}.key`);

    await expect(again(folder, join(directory, 'nowhere.key'))).rejects.toThrow(MasterKeyUnusable);
    for (const text of ['', randomBytes(16).toString('base64'), randomBytes(33).toString('base64'), 'not a key']) {
      await writeFile(bad, text);
      await expect(again(folder, bad)).rejects.toThrow(MasterKeyUnusable);
    }
  });

  it('passes over what else lies in its directory', async () => {
    const { folder, store } = await newStore();
    const organisationId = randomUUID();
    await store.create(organisationId);
    for (const name of ['1.key.4711.abcd', 'notes.txt', '.DS_Store']) await writeFile(join(folder, organisationId, name), 'x');

    expect((await (await again(folder)).of(organisationId)).id('x')).toBe((await store.of(organisationId)).id('x'));
  });
});

describe(writeOnce.name, () => {
  it('leaves what is there, and says whether it wrote', async () => {
    const path = join(directory, randomUUID(), 'deep', 'file');

    const made = await Promise.all(Array.from({ length: 10 }, (_, n) => writeOnce(path, `by ${n}`)));

    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(`by ${made.indexOf(true)}`);
    expect(await readdir(join(path, '..'))).toEqual(['file']);
  });

  it('throws when it cannot write, and leaves nothing behind', async () => {
    const folder = join(directory, randomUUID());
    await mkdir(folder);
    await writeFile(join(folder, 'file'), '');

    await expect(writeOnce(join(folder, 'file', 'below'), 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['file']);
  });
});
