import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '#contracts';

/** Who sent a request, as the token says. */
export interface Caller {
  readonly subject: string;
  /** null for operators, who belong to no organisation */
  readonly organisationId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  /** when the token ends, in seconds since 1970 */
  readonly expires: number;
}

/** A caller whose organisation is known: everybody but operators. */
export interface Member extends Caller {
  readonly organisationId: string;
}

const CALLERS = new WeakMap<FastifyRequest, Caller>();

/** Remembers who sent a request; the guard does. */
export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  CALLERS.set(request, caller);
}

function callerOf(context: ExecutionContext): Caller {
  const caller = CALLERS.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('a route that asks for its caller must not be public');
  return caller;
}

/** The member who sent the request; the guard has refused everybody else. */
export const CurrentMember = createParamDecorator((_: unknown, context: ExecutionContext): Member => {
  const caller = callerOf(context);
  if (caller.organisationId === null) throw new Error('a route for members let an operator through');
  return { ...caller, organisationId: caller.organisationId };
});

/** Whoever sent the request, operators too. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => callerOf(context));
