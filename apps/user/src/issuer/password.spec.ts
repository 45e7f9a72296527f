import { describe, expect, it } from 'vitest';
import { PasswordServiceBusy } from './errors.js';
import { newPassword, PasswordService } from './password.js';

describe(PasswordService.name, () => {
  const sut = new PasswordService();

  it('hashes with argon2id at the cost we promise, salted anew each time', async () => {
    const hashes = await Promise.all([sut.hashPassword('senha'), sut.hashPassword('senha')]);

    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('knows the right password from any other', async () => {
    const hash = await sut.hashPassword('uma senha');

    expect(await sut.verifyPassword('uma senha', hash)).toBe(true);
    expect(await sut.verifyPassword('Uma senha', hash)).toBe(false);
    expect(await sut.verifyPassword('', hash)).toBe(false);
  });

  it('takes an accent for the same on every device', async () => {
    const hash = await sut.hashPassword('cora\u00e7\u00e3o');

    expect(await sut.verifyPassword('corac\u0327a\u0303o', hash)).toBe(true);
  });

  it('refuses when too many wait, and works again afterwards', async () => {
    const small = new PasswordService({ atOnce: 2, mayWait: 3 });

    const outcomes = await Promise.allSettled(Array.from({ length: 7 }, () => small.hashPassword('x')));

    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason)).toEqual([expect.any(PasswordServiceBusy), expect.any(PasswordServiceBusy)]);
    await expect(small.hashPassword('x')).resolves.toContain('$argon2id$');
  });

  it('takes 52 at once by default and refuses the next', async () => {
    const fresh = new PasswordService();
    const hash = await fresh.hashPassword('x');

    const outcomes = await Promise.allSettled(Array.from({ length: 53 }, () => fresh.verifyPassword('x', hash)));

    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(PasswordServiceBusy) });
  });

  it('frees its place when a stored hash is broken', async () => {
    const one = new PasswordService({ atOnce: 1, mayWait: 0 });

    await expect(one.verifyPassword('x', 'not a hash')).rejects.toThrow();

    await expect(one.hashPassword('x')).resolves.toContain('$argon2id$');
  });
});

describe(newPassword.name, () => {
  it('makes 100 bits in four readable groups, never the same twice', () => {
    const passwords = Array.from({ length: 1000 }, () => newPassword());

    expect(new Set(passwords).size).toBe(1000);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){3}$/);
    expect(new Set(passwords.join(''))).toHaveProperty('size', 33);
  });
});
