import { Inject, Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { Id, Scope } from '#contracts';
import { refuse } from '#server';
import { GATEWAY_SETTINGS, type GatewaySettings } from '../settings.js';
import type { Caller } from './caller.js';

const Claims = z.object({
  sub: z.string().min(1).max(128),
  org: Id.optional(),
  scope: z.string().default(''),
  exp: z.number(),
});

const CACHED_TOKENS = 2_000;
const CACHED_MS = 60_000;

/** Checks access tokens: signature by a key of our issuer (ES256 only), issuer, audience, type and time (RFC 9068, RFC 8725). */
@Injectable()
export class TokenVerifier {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  readonly #known = new Map<string, { caller: Caller; until: number }>();

  constructor(@Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings) {
    this.#keys = createRemoteJWKSet(new URL('/oauth/jwks', settings.issuerUrl), { timeoutDuration: 2_000, cooldownDuration: 1_000 });
  }

  /** Who a token speaks for. Throws a 401 for a token that is not ours, a 503 when its keys cannot be read. */
  async verify(token: string): Promise<Caller> {
    const known = this.#known.get(token);
    if (known && known.until > Date.now()) return known.caller;
    const caller = await this.#check(token);
    this.#remember(token, caller);
    return caller;
  }

  async #check(token: string): Promise<Caller> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer: new URL(this.settings.publicUrl).origin,
        audience: this.settings.audience,
        clockTolerance: 30,
        requiredClaims: ['exp', 'sub', 'iat'],
      });
      const { sub, org, scope, exp } = Claims.parse(payload);
      const scopes = new Set(scope.split(' ').filter((word): word is Scope => Scope.safeParse(word).success));
      return { subject: sub, organisationId: org ?? null, scopes, expires: exp };
    } catch (error) {
      if (isIssuerAway(error)) throw refuse(503, 'Tokens cannot be checked right now. Send the request again.');
      throw refuse(401, 'The access token is not valid (any more). Get a new one at /oauth/token.');
    }
  }

  #remember(token: string, caller: Caller): void {
    if (this.#known.size >= CACHED_TOKENS) {
      const oldest = this.#known.keys().next().value;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(token, { caller, until: Math.min(Date.now() + CACHED_MS, caller.expires * 1_000) });
  }
}

/** The keys could not be fetched, which says nothing about the token. */
function isIssuerAway(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true;
  return !(error instanceof errors.JOSEError) && !(error instanceof z.ZodError);
}
