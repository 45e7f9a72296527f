import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Id, INSTALLATION } from '#contracts';
import { KeyStore } from '#crypto';
import { Claims } from '#redis';
import type { Member } from '../auth/caller.js';

const VALID_SECONDS = 30;

const Ticket = z.object({ nonce: z.string(), org: Id, sub: z.string(), until: z.number(), expires: z.number() });

/** Who a redeemed ticket speaks for, until when (seconds since 1970). */
export interface Admission {
  readonly organisationId: string;
  readonly subject: string;
  readonly expires: number;
}

/** Tickets for the socket: short-lived, good for one use, so that no token is in a URL or a frame. */
@Injectable()
export class TicketService {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly claims: Claims,
  ) {}

  async issue(member: Member): Promise<string> {
    const { organisationId: org, subject: sub, expires } = member;
    const until = Date.now() + VALID_SECONDS * 1_000;
    const body = Buffer.from(JSON.stringify({ nonce: randomBytes(16).toString('hex'), org, sub, until, expires })).toString('base64url');
    return `${body}.${(await this.#sign(body)).toString('base64url')}`;
  }

  /** The admission of a ticket nobody used yet; undefined for every other text. */
  async redeem(text: string): Promise<Admission | undefined> {
    const [body, signature, ...rest] = text.split('.');
    if (!body || !signature || rest.length > 0) return undefined;
    const expected = await this.#sign(body);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const ticket = Ticket.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    if (ticket.until < Date.now()) return undefined;
    if (!(await this.claims.claim(`ticket:${ticket.nonce}`, VALID_SECONDS + 5))) return undefined;
    return { organisationId: ticket.org, subject: ticket.sub, expires: ticket.expires };
  }

  async #sign(body: string): Promise<Buffer> {
    return (await this.keyStore.of(INSTALLATION)).hash('realtime-ticket', body);
  }
}
