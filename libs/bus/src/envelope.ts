import { z } from 'zod';
import { Id, Idempotency, type MessageDefinition } from '#contracts';
import { Poison } from './errors.js';

/** What travels on a stream around the data: whose it is, when it was said, which trace it belongs to. */
export const Envelope = z.object({
  v: z.int(),
  org: Id,
  at: z.number(),
  /** when the cause of the whole chain came in, in milliseconds since 1970: what the stage metrics measure from */
  since: z.number(),
  trace: z.string().max(64),
  /** the user or API client whose wish this is; absent on events */
  by: z.string().max(128).optional(),
  idempotency: Idempotency.optional(),
  /** where the command's issuer waits for the owner's answer */
  reply: z.string().max(256).optional(),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof Envelope>;

/** One message as a handler gets it: parsed, with where it stands in its stream. */
export interface Delivered<D> {
  readonly id: string;
  readonly organisationId: string;
  /** position in the stream; rises, never repeats while the stream lives */
  readonly seq: number;
  /** when it was published, in milliseconds since 1970 */
  readonly at: number;
  readonly since: number;
  readonly trace: string;
  readonly chat: string;
  readonly redelivered: boolean;
  readonly by: string | undefined;
  readonly idempotency: Idempotency | undefined;
  readonly data: D;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return encoder.encode(JSON.stringify(envelope));
}

/** Reads bytes off a stream. Throws Poison: what does not parse now never will. */
export function decodeEnvelope(definition: MessageDefinition, bytes: Uint8Array): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new Poison('not JSON', { cause });
  }
  const envelope = Envelope.safeParse(value);
  if (!envelope.success) throw new Poison(`not an envelope: ${issuePaths(envelope.error)}`);
  if (envelope.data.v > definition.version) throw new Poison(`version ${envelope.data.v} is newer than ${definition.version}`);
  const data = definition.schema.safeParse(envelope.data.data);
  if (!data.success) throw new Poison(`not a ${definition.name}: ${issuePaths(data.error)}`);
  return { ...envelope.data, data: data.data };
}

/** Where a value is wrong, never the value: it may be somebody's message. */
function issuePaths(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.join('.') || '(root)'} ${issue.code}`)
    .join(', ')
    .slice(0, 300);
}
