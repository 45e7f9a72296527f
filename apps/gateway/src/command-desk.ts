import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Bus } from '#bus';
import { type CommandDefinition, INSTALLATION } from '#contracts';
import { fingerprint, KeyStore, type OrganisationKeys } from '#crypto';
import { ProblemException, refuse } from '#server';
import type { Caller } from './auth/caller.js';

const Key = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** One request that wants something done. */
export interface Wish {
  readonly caller: Caller;
  readonly organisationId: string;
  readonly keys: OrganisationKeys;
  /** what makes a repeated request recognisable */
  readonly key: string;
  readonly requestHash: string;
  /** the request's trace, and when it came in, in milliseconds since 1970 */
  readonly cause: { readonly trace: string; readonly since: number };
  /** an id for what the request makes: the same for a repeated request */
  readonly newId: (kind: string) => string;
}

export interface Told {
  /** the status of a command that was carried out; 202 with `location` is said when it is still on its way */
  readonly status: 200 | 201;
  readonly location: string;
  readonly chat?: string;
}

/** Takes writes over REST to the apps that own them: one command each, its answer or its refusal back. */
@Injectable()
export class CommandDesk {
  constructor(
    private readonly bus: Bus,
    private readonly keyStore: KeyStore,
  ) {}

  /** Reads the request's Idempotency-Key (one is made up when there is none). Throws a 400 for one that is not printable. */
  async open(caller: Caller, request: FastifyRequest): Promise<Wish> {
    const header = request.headers['idempotency-key'];
    const parsed = Key.safeParse(header ?? randomUUID());
    if (!parsed.success) throw refuse(400, 'An Idempotency-Key has 1 to 255 printable ASCII characters, without spaces.');
    const organisationId = caller.organisationId ?? INSTALLATION;
    const keys = await this.keyStore.of(organisationId);
    const key = parsed.data;
    const requestHash = fingerprint(request.method, request.url, JSON.stringify(request.body ?? null));
    const cause = { trace: request.id, since: Date.now() };
    return { caller, organisationId, keys, key, requestHash, cause, newId: (kind) => keys.id(`wish:${kind}`, caller.subject, key) };
  }

  /** Sends the command and answers the request with what its owner said. Throws the owner's refusal. */
  async carryOut<S extends z.ZodType, A extends z.ZodType>(
    wish: Wish,
    command: CommandDefinition<S, A>,
    data: z.input<S>,
    told: Told,
    reply: FastifyReply,
  ): Promise<unknown> {
    const { caller, organisationId, key, requestHash, cause } = wish;
    const idempotency = { client: caller.subject, key, requestHash };
    const chat = told.chat === undefined ? {} : { chat: told.chat };
    const outcome = await this.bus.command(command, { organisationId, by: caller.subject, idempotency, cause, ...chat }, data);
    switch (outcome.status) {
      case 'done': {
        void reply.status(told.status);
        if (told.status === 201) void reply.header('location', told.location);
        return command.answer.parse(outcome.answer);
      }
      case 'refused':
        throw new ProblemException(outcome.problem);
      case 'pending':
        void reply.status(202).header('location', told.location);
        return { status: 'accepted', location: told.location };
    }
  }
}
