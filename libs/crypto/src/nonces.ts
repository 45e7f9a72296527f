import { randomFillSync } from 'node:crypto';

const NONCE_BYTES = 12;
const POOL = 512;

/** Random 96-bit nonces, drawn from the system's generator many at a time: one call each costs more than the encryption. */
export class Nonces {
  readonly #pool = Buffer.alloc(POOL * NONCE_BYTES);
  #used = POOL;

  /** A nonce that was never given out and never will be. */
  next(): Buffer {
    if (this.#used === POOL) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used * NONCE_BYTES;
    this.#used += 1;
    return Buffer.from(this.#pool.subarray(start, start + NONCE_BYTES));
  }
}
