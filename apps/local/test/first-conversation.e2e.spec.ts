import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from '#testing';

const script = new URL('../../../examples/first-conversation.mjs', import.meta.url).pathname;

describe('the first conversation, as the README tells it', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system?.stop();
    await system?.remove();
  });

  it('goes from the question to the suggestion and from the reply to the customer', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, join(system.dataDir, 'credentials.json')]);

    const lines = stdout.trimEnd().split('\n');
    expect(stderr).toBe('');
    expect(lines[0]).toMatch(/^session {4}[0-9a-f-]{36} is connected$/);
    expect(lines[1]).toMatch(/^understood price_question, neutral, lead score \d+, after \d+ ms$/);
    expect(lines[2]).toMatch(/^suggestion 1: .*Marina/);
    expect(lines.at(-2)).toMatch(/^next {7}\S/);
    const suggestion = /^suggestion 1: (.*)$/.exec(lines[2] ?? '')?.[1];
    expect(lines.at(-1)).toBe(`customer   received "${suggestion}"`);
  });

  it('can be run again on the same system', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, join(system.dataDir, 'credentials.json')]);

    expect(stdout).toMatch(/customer {3}received "/);
  });
});
