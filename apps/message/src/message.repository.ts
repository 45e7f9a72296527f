import { Injectable } from '@nestjs/common';
import type { Direction, MessageType, TimeFlag } from '#contracts';
import { Database, Prisma, sql, statementIn, type Transaction } from '#db';
import { rankOf } from './ack.js';
import type { MessageRow } from './message.row.js';

/** A message ready to be written; ids and ciphertexts are made. */
interface MessageFields {
  readonly id: string;
  readonly sessionId: string;
  readonly providerId: string;
  readonly content: Uint8Array | null;
  readonly preview: Uint8Array;
  readonly type: MessageType;
  readonly direction: Direction;
  readonly timestamp: string;
  readonly timeFlag: TimeFlag | null;
  readonly seq: number;
  readonly ack: number | null;
  readonly failure: string | null;
  readonly sentBy: string | null;
  readonly metadata: Record<string, unknown>;
}

/** A message of a known conversation. */
export interface NewMessage extends MessageFields {
  readonly conversationId: string;
}

/** A message of whoever has this identity; `also` are further identities of the same person. */
export interface InboundRow extends MessageFields {
  readonly kind: string;
  readonly hash: string;
  readonly also: readonly { readonly kind: string; readonly hash: string }[];
}

/** How far the provider says an outbound message got. */
export interface AckReport {
  readonly sessionId: string;
  readonly providerId: string;
  readonly ack: number;
  readonly failure: string | null;
}

export interface AckedMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly sessionId: string;
  readonly ack: number;
  readonly failure: string | null;
}

const columns = Prisma.sql`id::text, conversation_id::text, session_id::text, provider_id, content, message_type, direction, timestamp, time_flag, seq, ack, failure, sent_by`;
const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'));
const toJson = (row: MessageFields) => ({ ...row, content: base64(row.content), preview: base64(row.preview) });

/** A hash as the type bytea reads it: decoded in a condition, row-level security would keep it from being looked up in an index. */
const hashed = <T extends { readonly hash: string }>(one: T) => ({ ...one, hash: `\\x${one.hash}` });
const toInboundJson = (row: InboundRow) => ({ ...toJson(row), hash: hashed(row).hash, also: row.also.map(hashed) });

const ROWS = sql`jsonb_to_recordset($1) as r(id uuid, "conversationId" uuid, kind text, hash bytea, also jsonb, "sessionId" uuid,
  "providerId" text, content text, preview text, type text, direction text, timestamp timestamptz, "timeFlag" text, seq bigint,
  ack smallint, failure text, "sentBy" text, metadata jsonb)`;

/** Locks the conversations in sorted order, so that two batches of the same ones wait instead of locking crosswise. */
const BY_CONVERSATION = sql`
  select r.*, c.contact_id, c.id as conversation_id from ${ROWS}
  join conversations c on c.org_id = current_setting('app.org')::uuid and c.id = r."conversationId"
  order by c.id for no key update of c`;

/** The same where the sender is known; a message with an identity nobody knows yet is left out. Step by step, for the planner knows nothing of new tables. */
const BY_IDENTITY = sql`
  with senders as materialized (
    select r.*, i.contact_id from ${ROWS}
    join contact_identities i on i.org_id = current_setting('app.org')::uuid and i.kind = r.kind and i.value_hash = r.hash
    where not exists (
      select 1 from jsonb_to_recordset(r.also) as a(kind text, hash bytea) where not exists (select 1 from contact_identities k
        where k.org_id = current_setting('app.org')::uuid and k.kind = a.kind and k.value_hash = a.hash)))
  select r.*, c.id as conversation_id from senders r
  join conversations c on c.org_id = current_setting('app.org')::uuid and c.session_id = r."sessionId" and c.contact_id = r.contact_id
  order by c.id for no key update of c`;

/** Compared with the row as it is when it is locked, not as it was when the statement began. */
const NEWER = sql`(c.last_message_id is null or (l.timestamp, l.seq, l.id) > (c.last_message_at, c.last_message_seq, c.last_message_id))`;

const WRITE = sql`
  made as (
    insert into messages (org_id, id, conversation_id, session_id, provider_id, content, message_type, direction, timestamp,
                          time_flag, seq, ack, failure, sent_by, metadata)
    select current_setting('app.org')::uuid, id, conversation_id, "sessionId", "providerId", decode(content, 'base64'), type, direction,
           timestamp, "timeFlag", seq, ack, failure, "sentBy", metadata
    from placed order by id on conflict do nothing
    returning id, conversation_id, timestamp, seq, direction),
  sums as (
    select conversation_id, count(*) filter (where direction = 'inbound') as inbound, bool_or(direction = 'outbound') as answered,
           min(timestamp) as first from made group by conversation_id),
  latest as (
    select distinct on (m.conversation_id) m.conversation_id, m.id, m.timestamp, m.seq, p.preview, p.direction, p.type
    from made m join placed p on p.id = m.id order by m.conversation_id, m.timestamp desc, m.seq desc, m.id desc),
  news as materialized (select l.*, s.inbound, s.answered, s.first from latest l join sums s on s.conversation_id = l.conversation_id),
  changed as (
    update conversations c set
      unread = case when l.answered then 0 else c.unread + l.inbound end,
      status = case when l.inbound > 0 and c.status in ('resolved', 'snoozed') then 'open' else c.status end,
      started_at = least(c.started_at, l.first),
      last_message_at = case when ${NEWER} then l.timestamp else c.last_message_at end,
      last_message_seq = case when ${NEWER} then l.seq else c.last_message_seq end,
      last_message_id = case when ${NEWER} then l.id else c.last_message_id end,
      last_preview = case when ${NEWER} then decode(l.preview, 'base64') else c.last_preview end,
      last_direction = case when ${NEWER} then l.direction else c.last_direction end,
      last_type = case when ${NEWER} then l.type else c.last_type end
    from news l
    where c.org_id = current_setting('app.org')::uuid and c.id = l.conversation_id)
  select jsonb_build_object('messageId', p.id, 'conversationId', p.conversation_id, 'contactId', p.contact_id,
                            'isNew', exists (select 1 from made where made.id = p.id))
  from placed p`;

const INSERT_BY_CONVERSATION = sql`with placed as (${BY_CONVERSATION}), ${WRITE}`;
const INSERT_BY_IDENTITY = sql`with placed as (${BY_IDENTITY}), ${WRITE}`;

/** Where a message was written, and whether it was this call that did. */
export interface Written {
  readonly messageId: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly isNew: boolean;
}

/** Messages and how far they got. */
@Injectable()
export class MessageRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes what is not there yet and brings the conversations' rows up to date: last message, unread count, reopened. Repeating it
   * changes nothing. What is not in the answer has a sender who is not known yet: make the contact, then repeat.
   */
  insertInbound(organisationId: string, batch: readonly InboundRow[]): Promise<Written[]> {
    return this.database.statement<Written>(organisationId, INSERT_BY_IDENTITY, batch.map(toInboundJson));
  }

  /** The same for messages whose conversation is known, as a part of a transaction. */
  insert(tx: Transaction, organisationId: string, batch: readonly NewMessage[]): Promise<Written[]> {
    return statementIn<Written>(tx, organisationId, INSERT_BY_CONVERSATION, batch.map(toJson));
  }

  /** Messages by id, in no order. */
  byIds(tx: Transaction, organisationId: string, ids: readonly string[]): Promise<MessageRow[]> {
    return tx.$queryRaw<MessageRow[]>`
      select ${columns} from messages where org_id = ${organisationId}::uuid and id = any(${ids}::uuid[])`;
  }

  /** A page of a conversation, newest first, one row more than asked when there is a next page. */
  page(
    tx: Transaction,
    organisationId: string,
    conversationId: string,
    before: readonly [string, number, string] | undefined,
    limit: number,
  ): Promise<MessageRow[]> {
    const position = before
      ? Prisma.sql`and (timestamp, seq, id) < (${before[0]}::timestamptz, ${before[1]}::bigint, ${before[2]}::uuid)`
      : Prisma.empty;
    return tx.$queryRaw<MessageRow[]>`
      select ${columns} from messages
      where org_id = ${organisationId}::uuid and conversation_id = ${conversationId}::uuid ${position}
      order by timestamp desc, seq desc, id desc limit ${limit + 1}`;
  }

  /**
   * Notes how far a message got before it is known here, and returns the farthest heard of so far, whatever the order of reports: of
   * two reasons the greater stays, one that arrived has none. The row also makes a message's insert and its acks wait for each other.
   */
  async reportAcks(tx: Transaction, organisationId: string, reports: readonly AckReport[]): Promise<AckReport[]> {
    return tx.$queryRaw<AckReport[]>`
      insert into message_acks as a (org_id, session_id, provider_id, ack, failure)
      select ${organisationId}::uuid, r."sessionId", r."providerId", max(r.ack), max(r.failure)
      from jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as r("sessionId" uuid, "providerId" text, ack smallint, failure text)
      group by r."sessionId", r."providerId" order by r."sessionId", r."providerId"
      on conflict (org_id, session_id, provider_id) do update
        set ack = greatest(a.ack, excluded.ack), failure = greatest(a.failure, excluded.failure)
      returning session_id::text as "sessionId", provider_id as "providerId", ack,
                case when ack = ${rankOf('failed')}::smallint then failure end as failure`;
  }

  /** Raises the acks of the messages that are known here and returns them as they are now. */
  async applyAcks(tx: Transaction, organisationId: string, reports: readonly AckReport[]): Promise<AckedMessage[]> {
    const json = JSON.stringify(reports);
    await tx.$executeRaw`
      update messages m set ack = r.ack, failure = r.failure
      from jsonb_to_recordset(${json}::jsonb) as r("sessionId" uuid, "providerId" text, ack smallint, failure text)
      where m.org_id = ${organisationId}::uuid and m.session_id = r."sessionId" and m.provider_id = r."providerId"
        and m.direction = 'outbound' and (m.ack < r.ack or m.ack = r.ack and m.failure is distinct from r.failure)`;
    return tx.$queryRaw<AckedMessage[]>`
      select m.id::text, m.conversation_id::text as "conversationId", m.session_id::text as "sessionId", m.ack, m.failure
      from jsonb_to_recordset(${json}::jsonb) as r("sessionId" uuid, "providerId" text)
      join messages m on m.org_id = ${organisationId}::uuid and m.session_id = r."sessionId" and m.provider_id = r."providerId"
      where m.direction = 'outbound'`;
  }
}
