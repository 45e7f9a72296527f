import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import {
  type CommandResult,
  type DiagnosticsEntry,
  type Idempotency,
  INSTALLATION,
  type Page,
  type PageQuery,
  Session,
  SessionChanged,
  type SessionCreate,
  type SessionDelete,
  type SessionOddity,
} from '#contracts';
import { fingerprint, KeyStore } from '#crypto';
import { CommandAnswers, Database } from '#db';
import { KEY_CONFLICT, pageOfRows, refused, timeCursor } from '#server';
import { type NewSession, SessionRepository } from './session.repository.js';

const NO_SESSION = refused(404, 'There is no such session.');

/** Makes, shows and deletes sessions, and keeps their diagnostics. */
@Injectable()
export class SessionService {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly answers: CommandAnswers,
    private readonly keyStore: KeyStore,
    private readonly sessions: SessionRepository,
  ) {}

  async create(delivery: Delivered<SessionCreate>): Promise<CommandResult> {
    const keys = await this.keyStore.of(delivery.organisationId);
    const session = await this.#newSession(delivery.data);
    const result = await this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      await this.sessions.insert(tx, keys, session);
      return { status: 'done', answer: await this.sessions.byId(tx, keys, session.id) };
    });
    await this.#tellChanged(delivery, result, false);
    return result;
  }

  async delete(delivery: Delivered<SessionDelete>): Promise<CommandResult> {
    const keys = await this.keyStore.of(delivery.organisationId);
    const result = await this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      const gone = await this.sessions.delete(tx, keys, delivery.data.sessionId);
      return gone ? { status: 'done', answer: gone } : NO_SESSION;
    });
    await this.#tellChanged(delivery, result, true);
    return result;
  }

  async byId(organisationId: string, id: string): Promise<Session | null> {
    const keys = await this.keyStore.of(organisationId);
    return (await this.database.withOrganisation(organisationId, (tx) => this.sessions.byId(tx, keys, id))) ?? null;
  }

  async list(organisationId: string, page: PageQuery): Promise<Page<Session>> {
    const keys = await this.keyStore.of(organisationId);
    const after = timeCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, (tx) => this.sessions.page(tx, keys, after, page.limit));
    return pageOfRows(rows, page.limit, timeCursor, (session) => [session.createdAt, session.id]);
  }

  async diagnostics(organisationId: string, sessionId: string, page: PageQuery): Promise<Page<DiagnosticsEntry> | null> {
    if (!(await this.byId(organisationId, sessionId))) return null;
    const before = timeCursor.decode(page.cursor);
    const rows = await this.database.withOrganisation(organisationId, (tx) =>
      this.sessions.diagnostics(tx, organisationId, sessionId, before, page.limit),
    );
    return pageOfRows(rows, page.limit, timeCursor, (entry) => [entry.at, entry.id]);
  }

  /** Keeps that a source sent something that means nothing to us. */
  async noteOddity(delivery: Delivered<SessionOddity>): Promise<void> {
    const { organisationId, data } = delivery;
    const keys = await this.keyStore.of(organisationId);
    const id = keys.id('diagnostics', delivery.id);
    await this.database.withOrganisation(organisationId, (tx) =>
      this.sessions.note(tx, organisationId, data.sessionId, [{ id, at: data.at, what: data.what, detail: data.detail }]),
    );
  }

  async recordedAnswer(organisationId: string, asked: Idempotency): Promise<CommandResult | null> {
    return this.answers.recorded(await this.keyStore.of(organisationId), asked, KEY_CONFLICT);
  }

  async #newSession({ sessionId, name, driver, cloud }: SessionCreate): Promise<NewSession> {
    const installation = await this.keyStore.of(INSTALLATION);
    return {
      id: sessionId,
      name,
      driver,
      // both are lines without a device of ours: they work from the moment they are known
      state: 'connected',
      credentials: cloud,
      routeHash: cloud && installation.hash('cloud-phone-number-id', cloud.phoneNumberId),
      verifyTokenHash: cloud && installation.hash('cloud-verify-token', cloud.verifyToken),
    };
  }

  async #tellChanged(delivery: Delivered<unknown>, result: CommandResult, deleted: boolean): Promise<void> {
    if (result.status !== 'done') return;
    const { id, name, driver, state } = Session.parse(result.answer);
    const at = new Date(delivery.at).toISOString();
    await this.bus.publish(
      SessionChanged,
      { organisationId: delivery.organisationId, id: `${id}:changed:${fingerprint(delivery.id)}`, cause: delivery },
      { sessionId: id, name, driver, state, deleted, at },
    );
  }
}
