import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { PasswordServiceBusy } from './errors.js';

// OWASP's minimum for argon2id, the library's default algorithm.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// Crockford's base 32: no i, l, o, u, so nothing is misread from a screen or over the phone.
const READABLE = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Hashes and checks passwords with argon2id, few at a time: each takes 19 MiB and a thread of the pool that files and
 * DNS share, so a flood of sign-ins has to be refused before it fills the memory.
 */
export class PasswordService {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #atOnce: number;
  readonly #mayWait: number;

  constructor({ atOnce = 2, mayWait = 50 }: { readonly atOnce?: number; readonly mayWait?: number } = {}) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  hashPassword(password: string): Promise<string> {
    return this.#inTurn(() => hash(sameOnEveryKeyboard(password), COST));
  }

  verifyPassword(password: string, passwordHash: string): Promise<boolean> {
    return this.#inTurn(() => verify(passwordHash, sameOnEveryKeyboard(password)));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#mayWait) throw new PasswordServiceBusy();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the place to the next in line, so that a newcomer cannot take it in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}

/** A one-time password of 100 random bits that can be read aloud, like `7k2mv-0qhzt-x9wde-4rbn8`; the same for the same 20 bytes. */
export function newPassword(random: Uint8Array = randomBytes(20)): string {
  const characters = Array.from(random, (byte) => READABLE.charAt(byte % READABLE.length)).join('');
  return characters.replace(/(.{5})(?=.)/g, '$1-');
}

/** An ã can arrive as one code point or as two, depending on the device (RFC 8265). */
function sameOnEveryKeyboard(password: string): string {
  return password.normalize('NFC');
}
