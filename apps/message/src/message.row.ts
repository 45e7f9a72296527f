import type { Conversation, ConversationStatus, Direction, Intent, Message, MessageType, SentimentLabel, TimeFlag } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { ackOf } from './ack.js';

/** A row of `messages` as the queries here select it. */
export interface MessageRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly session_id: string;
  readonly provider_id: string | null;
  readonly content: Uint8Array | null;
  readonly message_type: MessageType;
  readonly direction: Direction;
  readonly timestamp: Date;
  readonly time_flag: TimeFlag | null;
  readonly seq: bigint;
  readonly ack: number | null;
  readonly failure: string | null;
  readonly sent_by: string | null;
}

/** Opens a message's row. Throws DecryptionFailed. */
export function toMessage(keys: OrganisationKeys, row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    sessionId: row.session_id,
    direction: row.direction,
    type: row.message_type,
    text: row.content === null ? null : keys.open(row.id, 'content', row.content),
    timestamp: row.timestamp.toISOString(),
    timeFlag: row.time_flag,
    seq: Number(row.seq),
    ack: ackOf(row.ack),
    failure: row.failure,
    sentBy: row.sent_by,
    providerId: row.provider_id,
  };
}

/** A row of `conversations` as the queries here select it. */
export interface ConversationRow {
  readonly id: string;
  readonly session_id: string;
  readonly contact_id: string;
  readonly whatsapp_id: Uint8Array;
  readonly user_id: string | null;
  readonly customer_name: Uint8Array | null;
  readonly customer_phone: Uint8Array | null;
  readonly status: ConversationStatus;
  readonly started_at: Date;
  readonly last_message_at: Date;
  readonly last_message_id: string | null;
  readonly last_preview: Uint8Array | null;
  readonly last_direction: Direction | null;
  readonly last_type: MessageType | null;
  readonly unread: number;
  readonly last_intent: Intent | null;
  readonly last_sentiment: SentimentLabel | null;
  readonly lead_score: number | null;
}

/** Opens a conversation's row. Throws DecryptionFailed. */
export function toConversation(keys: OrganisationKeys, row: ConversationRow): Conversation {
  const text = (field: string, sealed: Uint8Array | null) => (sealed === null ? null : keys.open(row.id, field, sealed));
  return {
    id: row.id,
    sessionId: row.session_id,
    contactId: row.contact_id,
    customerName: text('customer_name', row.customer_name),
    customerPhone: text('customer_phone', row.customer_phone),
    status: row.status,
    userId: row.user_id,
    startedAt: row.started_at.toISOString(),
    lastMessageAt: row.last_message_at.toISOString(),
    lastMessage: lastMessageOf(keys, row),
    unread: row.unread,
    lastIntent: row.last_intent,
    lastSentiment: row.last_sentiment,
    leadScore: row.lead_score,
  };
}

function lastMessageOf(keys: OrganisationKeys, row: ConversationRow): Conversation['lastMessage'] {
  if (!row.last_message_id || !row.last_preview || !row.last_direction || !row.last_type) return null;
  const preview = keys.open(row.last_message_id, 'preview', row.last_preview);
  return { preview, direction: row.last_direction, type: row.last_type };
}
