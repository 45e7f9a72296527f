import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes the directory (0700 unless told) when absent and gives its real path. */
export async function privateDir(path: string, mode = 0o700): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, mode);
  return realpath(path);
}

/** The real path of something that may not exist yet, in a directory that is made when absent. */
export async function realPathOf(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return join(await realpath(dirname(path)), basename(path));
}

/** Replaces a 0600 file so that a crash at any moment leaves the old content or the new, never a mixture. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDir(dirname(path));
}

async function writeSynced(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDir(path: string): Promise<void> {
  const dir = await open(path, 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}
