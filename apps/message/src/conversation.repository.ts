import { Injectable } from '@nestjs/common';
import type { ConversationStatus, Intent, SentimentLabel } from '#contracts';
import { Prisma, type Transaction } from '#db';
import type { ConversationRow } from './message.row.js';

export interface ConversationFilter {
  readonly status?: ConversationStatus | undefined;
  readonly sessionId?: string | undefined;
  readonly intent?: Intent | undefined;
  readonly sentiment?: SentimentLabel | undefined;
}

/** What an analysis says of a conversation as a whole. */
export interface ConversationMood {
  readonly messageId: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly intent: Intent;
  readonly sentiment: SentimentLabel;
  readonly score: number;
}

const columns = Prisma.sql`id::text, session_id::text, contact_id::text, whatsapp_id, user_id::text, customer_name, customer_phone, status,
  started_at, last_message_at, last_message_id::text, last_preview, last_direction, last_type, unread, last_intent, last_sentiment, lead_score`;

/** Conversations: lists, single rows, and what agents and analyses change of them. */
@Injectable()
export class ConversationRepository {
  /** A page, last message first, one row more than asked when there is a next page. */
  page(
    tx: Transaction,
    organisationId: string,
    filter: ConversationFilter,
    before: readonly [string, string] | undefined,
    limit: number,
  ): Promise<ConversationRow[]> {
    const conditions = [
      Prisma.sql`org_id = ${organisationId}::uuid`,
      ...(filter.status ? [Prisma.sql`status = ${filter.status}`] : []),
      ...(filter.sessionId ? [Prisma.sql`session_id = ${filter.sessionId}::uuid`] : []),
      ...(filter.intent ? [Prisma.sql`last_intent = ${filter.intent}`] : []),
      ...(filter.sentiment ? [Prisma.sql`last_sentiment = ${filter.sentiment}`] : []),
      ...(before ? [Prisma.sql`(last_message_at, id) < (${before[0]}::timestamptz, ${before[1]}::uuid)`] : []),
    ];
    return tx.$queryRaw<ConversationRow[]>`
      select ${columns} from conversations where ${Prisma.join(conditions, ' and ')}
      order by last_message_at desc, id desc limit ${limit + 1}`;
  }

  async byId(tx: Transaction, organisationId: string, id: string): Promise<ConversationRow | undefined> {
    const [row] = await tx.$queryRaw<ConversationRow[]>`
      select ${columns} from conversations where org_id = ${organisationId}::uuid and id = ${id}::uuid`;
    return row;
  }

  async update(
    tx: Transaction,
    organisationId: string,
    id: string,
    change: { status?: ConversationStatus | undefined; userId?: string | null | undefined; read?: boolean },
  ): Promise<ConversationRow | undefined> {
    const sets = [
      ...(change.status === undefined ? [] : [Prisma.sql`status = ${change.status}`]),
      ...(change.userId === undefined ? [] : [Prisma.sql`user_id = ${change.userId}::uuid`]),
      ...(change.read === true ? [Prisma.sql`unread = 0`] : []),
    ];
    if (sets.length === 0) return this.byId(tx, organisationId, id);
    const [row] = await tx.$queryRaw<ConversationRow[]>`
      update conversations set ${Prisma.join(sets, ', ')}
      where org_id = ${organisationId}::uuid and id = ${id}::uuid returning ${columns}`;
    return row;
  }

  /** Keeps what the newest analysed message of each conversation says, and the lead's score; an older one changes nothing. */
  async noteMoods(tx: Transaction, organisationId: string, moods: readonly ConversationMood[]): Promise<void> {
    const ids = [...new Set(moods.map((mood) => mood.conversationId))].toSorted();
    await tx.$queryRaw`
      select 1 as locked from conversations
      where org_id = ${organisationId}::uuid and id = any(${ids}::uuid[]) order by id for no key update`;
    await tx.$executeRaw`
      with r as (
        select distinct on (r."conversationId") r.*, m.timestamp, m.seq
        from jsonb_to_recordset(${JSON.stringify(moods)}::jsonb)
          as r("messageId" uuid, "conversationId" uuid, "contactId" uuid, intent text, sentiment text, score int)
        join messages m on m.org_id = ${organisationId}::uuid and m.id = r."messageId"
        order by r."conversationId", m.timestamp desc, m.seq desc, m.id desc),
      noted as (
        update conversations c set last_intent = r.intent, last_sentiment = r.sentiment, lead_score = r.score,
               last_analysed_at = r.timestamp, last_analysed_seq = r.seq
        from r where c.org_id = ${organisationId}::uuid and c.id = r."conversationId"
          and (c.last_analysed_at is null or (r.timestamp, r.seq) >= (c.last_analysed_at, c.last_analysed_seq))
        returning c.contact_id, r.score)
      update leads l set score = n.score from noted n where l.org_id = ${organisationId}::uuid and l.contact_id = n.contact_id`;
  }
}
