import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { keyedHash, uuidFromDigest } from './derived-id.js';
import { epochOf, open, seal } from './envelope.js';
import { DecryptionFailed } from './errors.js';

/** As a KeyObject, for raw bytes would be wrapped anew by every call: ten times the cost of the encryption itself. */
function derive(key: Buffer, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `alra/${purpose}`, 32)));
}

/**
 * What one organisation's key can do. Content keys follow the key's epochs; hashes and ids come from the first epoch,
 * for they must stay the same as long as the rows that carry them.
 */
export class OrganisationKeys {
  readonly #content = new Map<number, KeyObject>();
  readonly #newest: number;
  readonly #hash: KeyObject;
  readonly #chat: KeyObject;
  readonly #id: KeyObject;

  /** @param epochs the organisation's 32-byte keys by epoch, at least one */
  constructor(
    readonly organisationId: string,
    epochs: ReadonlyMap<number, Buffer>,
  ) {
    const numbers = [...epochs.keys()].toSorted((a, b) => a - b);
    const first = epochs.get(numbers[0] ?? -1);
    if (!first) throw new RangeError('an organisation needs at least one key epoch');
    for (const [epoch, key] of epochs) this.#content.set(epoch, derive(key, 'content'));
    this.#newest = numbers[numbers.length - 1] ?? 0;
    this.#hash = derive(first, 'hash');
    this.#chat = derive(first, 'chat');
    this.#id = derive(first, 'id');
  }

  /** Encrypts a text that belongs to one field of one entity. */
  seal(entityId: string, field: string, text: string): Buffer {
    const key = this.#content.get(this.#newest);
    if (!key) throw new RangeError('no newest epoch');
    return seal(key, this.#newest, text, this.#context(entityId, field));
  }

  /** Decrypts what `seal` made for the same entity and field. Throws DecryptionFailed. */
  open(entityId: string, field: string, sealed: Uint8Array): string {
    const key = this.#content.get(epochOf(sealed));
    if (!key) throw new DecryptionFailed('sealed with a key epoch that no longer exists');
    return open(key, sealed, this.#context(entityId, field)).toString('utf8');
  }

  /** A hash by which a value can be found without being read. */
  hash(kind: string, value: string): Buffer {
    return keyedHash(this.#hash, kind, value);
  }

  /** The token that stands for a chat in subjects: no phone is in a subject, and one chat can be purged. */
  chatToken(kind: string, value: string): string {
    return keyedHash(this.#chat, kind, value).subarray(0, 16).toString('base64url');
  }

  /** An id that is the same whenever the same parts make the same thing. */
  id(...parts: string[]): string {
    return uuidFromDigest(keyedHash(this.#id, ...parts));
  }

  #context(entityId: string, field: string): string {
    return `${this.organisationId}|${entityId}|${field}`;
  }
}
