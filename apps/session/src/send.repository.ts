import { Injectable } from '@nestjs/common';
import type { MessageSend } from '#contracts';
import type { Transaction } from '#db';
import type { SendOutcome } from './driver.js';

/** The ledger of what each session was told to send and what became of it: no message is sent a second time. */
@Injectable()
export class SendRepository {
  /** Notes that a message is about to be sent; the outcome when it already was. */
  async begin(tx: Transaction, organisationId: string, send: MessageSend): Promise<SendOutcome | undefined> {
    await tx.$executeRaw`
      insert into outbound_sends (org_id, message_id, session_id, conversation_id, provider_id, outcome)
      values (${organisationId}::uuid, ${send.messageId}::uuid, ${send.sessionId}::uuid, ${send.conversationId}::uuid, ${send.providerId}, 'sending')
      on conflict (org_id, message_id) do nothing`;
    const [row] = await tx.$queryRaw<{ outcome: string; reason: string | null }[]>`
      select outcome, reason from outbound_sends where org_id = ${organisationId}::uuid and message_id = ${send.messageId}::uuid`;
    switch (row?.outcome) {
      case 'sent':
        return { status: 'sent', delivered: false };
      case 'delivered':
        return { status: 'sent', delivered: true };
      case 'failed':
        return { status: 'failed', reason: row.reason ?? '' };
      default:
        return undefined;
    }
  }

  async end(tx: Transaction, organisationId: string, messageId: string, outcome: SendOutcome): Promise<void> {
    const word = outcome.status === 'failed' ? 'failed' : outcome.delivered ? 'delivered' : 'sent';
    const reason = outcome.status === 'failed' ? outcome.reason : null;
    await tx.$executeRaw`
      update outbound_sends set outcome = ${word}, reason = ${reason}, at = now()
      where org_id = ${organisationId}::uuid and message_id = ${messageId}::uuid`;
  }
}
