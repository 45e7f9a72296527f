import { Injectable } from '@nestjs/common';
import type { SandboxDelivery } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { Prisma, type Transaction } from '#db';
import type { OutgoingText } from './driver.js';

interface Row {
  readonly id: string;
  readonly recipient: Uint8Array;
  readonly content: Uint8Array;
  readonly provider_id: string;
  readonly at: Date;
}

const recipientHash = (keys: OrganisationKeys, to: string) => keys.hash('sandbox-recipient', to);

/** What the customers of sandbox sessions received. */
@Injectable()
export class SandboxRepository {
  /** Writes a delivery once, whatever happens. */
  async insert(tx: Transaction, keys: OrganisationKeys, sessionId: string, outgoing: OutgoingText): Promise<void> {
    const { messageId, to, text, providerId } = outgoing;
    await tx.$executeRaw`
      insert into sandbox_deliveries (org_id, session_id, id, to_hash, recipient, content, provider_id)
      values (${keys.organisationId}::uuid, ${sessionId}::uuid, ${messageId}::uuid, ${recipientHash(keys, to.value)},
              ${keys.seal(messageId, 'recipient', to.value)}, ${keys.seal(messageId, 'content', text)}, ${providerId})
      on conflict (org_id, id) do nothing`;
  }

  /** A page, oldest first, one row more than asked when there is a next page. */
  async page(
    tx: Transaction,
    keys: OrganisationKeys,
    sessionId: string,
    filter: { to?: string | undefined; after?: readonly [string, string] | undefined; limit: number },
  ): Promise<SandboxDelivery[]> {
    const to = filter.to === undefined ? Prisma.empty : Prisma.sql`and to_hash = ${recipientHash(keys, filter.to)}`;
    const after = filter.after ? Prisma.sql`and (at, id) > (${filter.after[0]}::timestamptz, ${filter.after[1]}::uuid)` : Prisma.empty;
    const rows = await tx.$queryRaw<Row[]>`
      select id::text, recipient, content, provider_id, at from sandbox_deliveries
      where org_id = ${keys.organisationId}::uuid and session_id = ${sessionId}::uuid ${to} ${after}
      order by at, id limit ${filter.limit + 1}`;
    return rows.map((row) => ({
      id: row.id,
      to: keys.open(row.id, 'recipient', row.recipient),
      text: keys.open(row.id, 'content', row.content),
      providerId: row.provider_id,
      at: row.at.toISOString(),
    }));
  }
}
