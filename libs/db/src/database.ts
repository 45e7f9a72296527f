import { PrismaPg } from '@prisma/adapter-pg';
import { UnsafeDatabaseRole } from './errors.js';
import { Prisma, PrismaClient } from './generated/client.js';

export { Prisma } from './generated/client.js';

/** What a repository works with: the client bound to one transaction of one organisation. */
export type Transaction = Prisma.TransactionClient;

/** The text of a statement as it was written in a repository; nothing can be put into it. */
export interface Statement {
  readonly text: string;
}

/** Writes a statement for `Database.statement`. It takes no values, which come as the payload, only other statements as its parts. */
export function sql(text: TemplateStringsArray, ...parts: readonly Statement[]): Statement {
  return { text: text.map((piece, index) => piece + (parts[index]?.text ?? '')).join('') };
}

/** Runs a statement as `Database.statement` does, as a part of a transaction of the same organisation. */
export async function statementIn<T>(
  tx: Pick<Transaction, '$queryRaw'>,
  organisationId: string,
  statement: Statement,
  payload: unknown,
): Promise<T[]> {
  const rows = await tx.$queryRaw<{ row: T }[]>`
    select in_organisation(${organisationId}::uuid, ${statement.text}, ${JSON.stringify(payload)}::jsonb) as row`;
  return rows.map(({ row }) => row);
}

export interface DatabaseOptions {
  readonly url: string;
  /** shown in pg_stat_activity */
  readonly app: string;
  /** connections this app may hold at once */
  readonly connections?: number;
  /** longest a statement may run, in milliseconds */
  readonly statementTimeout?: number;
}

/**
 * The one way to the tables. The bare client is never handed out: every statement runs in a transaction of one organisation
 * (row-level security by a transaction-local `app.org`), as the role `alra_app`, which owns nothing.
 */
export class Database {
  readonly #client: PrismaClient;

  constructor(options: DatabaseOptions) {
    const statementTimeout = options.statementTimeout ?? 10_000;
    const adapter = new PrismaPg(
      {
        connectionString: options.url,
        application_name: `alra-${options.app}`,
        max: options.connections ?? 5,
        connectionTimeoutMillis: 5_000,
        idleTimeoutMillis: 60_000,
        keepAlive: true,
        // a server that stops answering must not hold a consumer for ever
        query_timeout: statementTimeout + 5_000,
        options: `-c role=alra_app -c statement_timeout=${statementTimeout} -c idle_in_transaction_session_timeout=15000 -c lock_timeout=8000`,
      },
      { onPoolError: () => undefined, onConnectionError: () => undefined },
    );
    this.#client = new PrismaClient({ adapter, transactionOptions: { maxWait: 5_000, timeout: statementTimeout + 5_000 } });
  }

  /** Runs `work` in a transaction that sees and writes only this organisation's rows. */
  withOrganisation<T>(organisationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#client.$transaction(async (tx) => {
      await tx.$executeRaw`select set_config('app.org', ${organisationId}, true)`;
      return work(tx);
    });
  }

  /**
   * Runs one statement as a transaction of its own, seeing and writing only this organisation's rows, in one round trip.
   * `$1` in it is the payload as jsonb; each row it returns is one jsonb value.
   */
  statement<T>(organisationId: string, statement: Statement, payload: unknown): Promise<T[]> {
    return statementIn<T>(this.#client, organisationId, statement, payload);
  }

  /** A read before an organisation is known; only SECURITY DEFINER look-ups return rows here. */
  beforeOrganisation<T>(lookup: (client: Pick<PrismaClient, '$queryRaw'>) => Promise<T>): Promise<T> {
    return lookup(this.#client);
  }

  /** Resolves when a statement went through; rejects when the database is away. */
  async ping(): Promise<void> {
    await this.#client.$queryRaw`select 1`;
  }

  /** Throws UnsafeDatabaseRole when the current role could pass row-level security. */
  async checkRole(): Promise<void> {
    const rows = await this.#client.$queryRaw<{ role: string; unsafe: boolean; owned: bigint }[]>`
      select current_user::text as role, (rolsuper or rolbypassrls) as unsafe,
             (select count(*) from pg_class where relowner = r.oid) as owned
      from pg_roles r where rolname = current_user`;
    const role = rows[0];
    if (!role || role.unsafe || role.owned > 0n) {
      throw new UnsafeDatabaseRole(`the database role ${role?.role ?? 'unknown'} could pass row-level security: run the apps as alra_app`);
    }
  }

  async close(): Promise<void> {
    await this.#client.$disconnect();
  }
}
