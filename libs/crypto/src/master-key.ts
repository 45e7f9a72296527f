import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MasterKeyUnusable } from './errors.js';

const BYTES = 32;

/** Writes a file all at once, only when it is not there yet; true when this call made it. */
export async function writeOnce(path: string, content: Buffer | string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Reads the installation's master key: base64 of 32 bytes. Throws MasterKeyUnusable. */
export async function readMasterKey(path: string): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MasterKeyUnusable(`cannot read the master key ${path}: put it back, or nothing that was stored can be read`, { cause });
  });
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== BYTES) throw new MasterKeyUnusable(`${path} is not base64 of ${BYTES} bytes: put the right master key back`);
  return key;
}
