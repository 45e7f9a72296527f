import { z } from 'zod';

const ConversationPosition = z.tuple([z.iso.datetime(), z.uuid()]);
const MessagePosition = z.tuple([z.iso.datetime(), z.int(), z.uuid()]);

export type ConversationPosition = z.infer<typeof ConversationPosition>;
export type MessagePosition = z.infer<typeof MessagePosition>;

const encode = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

function decode<T>(schema: z.ZodType<T>, cursor: string): T | undefined {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

/** Where a page of conversations ended. */
export const conversationCursor = {
  encode: (position: ConversationPosition) => encode(position),
  /** undefined for anything this app did not make */
  decode: (cursor: string) => decode(ConversationPosition, cursor),
};

/** Where a page of messages ended. */
export const messageCursor = {
  encode: (position: MessagePosition) => encode(position),
  /** undefined for anything this app did not make */
  decode: (cursor: string) => decode(MessagePosition, cursor),
};
