import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Every way a text may lie in a file: as it is, as wide characters, in hex, in base64 at each alignment. ASCII letters and
 * digits are the same when JSON escapes what is around them, so a trace of these finds that form too.
 */
export function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const encoded = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    // the characters at either end depend on the neighbours, too
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map((encoding) => whole.toString(encoding).slice(from, to));
  });
  const forms = [...new Set([...encoded, bytes.toString('hex')])].map((form) => Buffer.from(form));
  return [bytes, Buffer.from(text, 'utf16le'), ...forms];
}

/** The files below a directory that hold a text in any form, for each text that is in one. */
export async function tracesOf(directory: string, texts: Readonly<Record<string, string>>): Promise<Record<string, string[]>> {
  const wanted = Object.entries(texts).map(([name, text]) => ({ name, forms: formsOf(text) }));
  const found: Record<string, string[]> = {};
  for (const file of await filesBelow(directory)) {
    const content = await readFile(file);
    for (const { name, forms } of wanted) {
      if (forms.some((form) => content.includes(form))) (found[name] ??= []).push(relative(directory, file));
    }
  }
  return found;
}

/** Every file, the emptied and the hidden ones too; what goes away meanwhile was there to be forgotten. */
async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
