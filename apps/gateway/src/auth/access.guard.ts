import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { refuse } from '#server';
import { ACCESS, type Access } from './access.js';
import { rememberCaller } from './caller.js';
import { TokenVerifier } from './token.verifier.js';

/** Deny by default: a route is open only as far as its `@Allow` or `@Public` says. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // questions and commands from other apps come over the bus, which has its own accounts
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
    if (access === 'public') return true;
    if (access === undefined) throw refuse(403, 'This route is closed.');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.tokens.verify(bearerOf(request.headers.authorization));
    if (!caller.scopes.has(access)) throw refuse(403, `The token lacks the scope "${access}".`);
    if ((access === 'operator') !== (caller.organisationId === null)) throw refuse(403, 'This route is not for this kind of client.');
    rememberCaller(request, caller);
    return true;
  }
}

function bearerOf(header: string | undefined): string {
  const token = /^Bearer ([A-Za-z0-9_.~+/=-]{1,4096})$/i.exec(header ?? '')?.[1];
  if (token === undefined) throw refuse(401, 'Send an access token: "Authorization: Bearer <token>" (get one at /oauth/token).');
  return token;
}
