import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, seal } from './envelope.js';
import { OrganisationKeyMissing, OrganisationKeyUnusable } from './errors.js';
import { KeyStore } from './key-store.js';
import { readMasterKey, writeOnce } from './master-key.js';
import { OrganisationKeys } from './organisation-keys.js';

const context = (organisationId: string, epoch: number) => `organisation-key|${organisationId}|${epoch}`;

/** Organisation keys as files `<directory>/<organisation>/<epoch>.key`, each wrapped by the master key; outside every database and its backups. */
export class FileKeyStore extends KeyStore {
  readonly #cache = new Map<string, Promise<OrganisationKeys>>();

  private constructor(
    private readonly directory: string,
    private readonly master: Buffer,
  ) {
    super();
  }

  /** Opens the store. Throws MasterKeyUnusable. */
  static async open(directory: string, masterKeyFile: string): Promise<FileKeyStore> {
    return new FileKeyStore(directory, await readMasterKey(masterKeyFile));
  }

  of(organisationId: string): Promise<OrganisationKeys> {
    const known = this.#cache.get(organisationId);
    if (known) return known;
    const reading = this.#read(organisationId);
    this.#cache.set(organisationId, reading);
    // a key that is missing now may be made by another process in a moment
    reading.catch(() => this.#cache.delete(organisationId));
    return reading;
  }

  async create(organisationId: string): Promise<OrganisationKeys> {
    const epoch = 1;
    const wrapped = seal(this.master, 0, randomBytes(32), context(organisationId, epoch));
    await writeOnce(join(this.directory, organisationId, `${epoch}.key`), wrapped);
    this.#cache.delete(organisationId);
    return this.of(organisationId);
  }

  async #read(organisationId: string): Promise<OrganisationKeys> {
    const folder = join(this.directory, organisationId);
    const names = await readdir(folder).catch(() => []);
    const epochs = new Map<number, Buffer>();
    for (const name of names) {
      const epoch = Number(/^([0-9]{1,5})\.key$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(epoch)) continue;
      epochs.set(epoch, this.#unwrap(await readFile(join(folder, name)), organisationId, epoch));
    }
    if (epochs.size === 0) throw new OrganisationKeyMissing(`organisation ${organisationId} has no key in ${this.directory}`);
    return new OrganisationKeys(organisationId, epochs);
  }

  #unwrap(wrapped: Buffer, organisationId: string, epoch: number): Buffer {
    try {
      return open(this.master, wrapped, context(organisationId, epoch));
    } catch (cause) {
      throw new OrganisationKeyUnusable(`key ${epoch} of organisation ${organisationId} does not open with this master key`, { cause });
    }
  }
}
