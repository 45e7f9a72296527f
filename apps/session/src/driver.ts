import type { Driver as DriverName, Identity } from '#contracts';

/** The session a driver works for, with what it needs to know of it. */
export interface Line {
  readonly organisationId: string;
  readonly sessionId: string;
}

export interface OutgoingText {
  readonly messageId: string;
  /** chosen before the send; the same for every try of the same message */
  readonly providerId: string;
  readonly to: Identity;
  readonly text: string;
}

/** What became of a send: taken by the line (and, where the line says so at once, delivered), or refused for good with a reason for the agent. */
export type SendOutcome = { readonly status: 'sent'; readonly delivered: boolean } | { readonly status: 'failed'; readonly reason: string };

/** The port behind which a kind of WhatsApp line hides. `send` may be called again for the same provider id and must not send twice. */
export abstract class Driver {
  abstract readonly name: DriverName;
  abstract send(line: Line, outgoing: OutgoingText): Promise<SendOutcome>;
}
