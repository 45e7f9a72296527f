import type { Database, Transaction } from './database.js';

/** Which client asked under which key, with a hash of the request: another hash under the same key is a conflict. */
export interface CommandKey {
  readonly client: string;
  readonly key: string;
  readonly requestHash: string;
}

/** Answers are kept as ciphertext, for they repeat what was asked. An organisation's keys do this. */
export interface Sealer {
  readonly organisationId: string;
  seal(entityId: string, field: string, text: string): Uint8Array;
  open(entityId: string, field: string, sealed: Uint8Array): string;
}

const KEPT_HOURS = 24;

/** What an app answered to the commands it carried out, kept for 24 hours in the transaction of each command's effect. */
export class CommandAnswers {
  constructor(
    private readonly database: Database,
    private readonly app: string,
  ) {}

  /**
   * Carries a command out at most once: the key's row is taken first (a second delivery waits for it), the effect runs, and its
   * result is kept. A repeated command gets the kept result; another request under the same key gets `conflict`.
   */
  carryOut<R>(keys: Sealer, command: CommandKey | undefined, conflict: R, effect: (tx: Transaction) => Promise<R>): Promise<R> {
    return this.database.withOrganisation(keys.organisationId, async (tx) => {
      if (!command) return effect(tx);
      if (!(await this.#take(tx, keys, command))) return (await this.#kept<R>(tx, keys, command, conflict)) ?? conflict;
      const result = await effect(tx);
      await this.#keep(tx, keys, command, JSON.stringify(result));
      return result;
    });
  }

  /** The kept result of a command, `conflict` when the key was used for another request, null when there is none (yet). */
  recorded<R>(keys: Sealer, command: CommandKey, conflict: R): Promise<R | null> {
    return this.database.withOrganisation(keys.organisationId, (tx) => this.#kept<R>(tx, keys, command, conflict));
  }

  async #take(tx: Transaction, keys: Sealer, { client, key, requestHash }: CommandKey): Promise<boolean> {
    const taken = await tx.$executeRaw`
      insert into command_answers (org_id, app, client, key, request_hash, answer, expires_at)
      values (${keys.organisationId}::uuid, ${this.app}, ${client}, ${key}, ${requestHash}, ''::bytea, now() + make_interval(hours => ${KEPT_HOURS}::int))
      on conflict (org_id, app, client, key) do update
        set request_hash = excluded.request_hash, answer = excluded.answer, expires_at = excluded.expires_at
        where command_answers.expires_at < now()`;
    return taken > 0;
  }

  async #keep(tx: Transaction, keys: Sealer, { client, key }: CommandKey, text: string): Promise<void> {
    const sealed = Buffer.from(keys.seal(`${client}:${key}`, 'answer', text));
    await tx.$executeRaw`
      update command_answers set answer = ${sealed}
      where org_id = ${keys.organisationId}::uuid and app = ${this.app} and client = ${client} and key = ${key}`;
  }

  async #kept<R>(tx: Transaction, keys: Sealer, { client, key, requestHash }: CommandKey, conflict: R): Promise<R | null> {
    const [row] = await tx.$queryRaw<{ request_hash: string; answer: Uint8Array }[]>`
      select request_hash, answer from command_answers
      where org_id = ${keys.organisationId}::uuid and app = ${this.app} and client = ${client} and key = ${key} and expires_at >= now()`;
    if (!row) return null;
    if (row.request_hash !== requestHash) return conflict;
    return JSON.parse(keys.open(`${client}:${key}`, 'answer', row.answer)) as R;
  }
}
