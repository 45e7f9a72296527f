import { Controller } from '@nestjs/common';
import { Answer, type Asked } from '#bus';
import {
  CloudRoutes,
  CloudVerifyToken,
  type CommandResult,
  type DiagnosticsEntry,
  type Idempotency,
  type Page,
  type PageQuery,
  recordedAnswer,
  SandboxDeliveries,
  type SandboxDelivery,
  type Session,
  SessionById,
  SessionDiagnostics,
  SessionList,
} from '#contracts';
import { RouteService } from './route.service.js';
import { SandboxService } from './sandbox.service.js';
import { SessionService } from './session.service.js';

@Controller()
export class SessionQuestions {
  constructor(
    private readonly sessions: SessionService,
    private readonly routes: RouteService,
    private readonly sandbox: SandboxService,
  ) {}

  @Answer(SessionById)
  byId({ organisationId, input }: Asked<{ sessionId: string }>): Promise<Session | null> {
    return this.sessions.byId(organisationId, input.sessionId);
  }

  @Answer(SessionList)
  list({ organisationId, input }: Asked<PageQuery>): Promise<Page<Session>> {
    return this.sessions.list(organisationId, input);
  }

  @Answer(SessionDiagnostics)
  diagnostics({ organisationId, input }: Asked<SessionDiagnostics>): Promise<Page<DiagnosticsEntry> | null> {
    return this.sessions.diagnostics(organisationId, input.sessionId, input);
  }

  @Answer(CloudRoutes)
  cloudRoutes({ input }: Asked<{ phoneNumberId: string }>): ReturnType<RouteService['cloudRoutes']> {
    return this.routes.cloudRoutes(input.phoneNumberId);
  }

  @Answer(CloudVerifyToken)
  async verifyToken({ input }: Asked<{ verifyToken: string }>): Promise<{ known: boolean }> {
    return { known: await this.routes.isVerifyToken(input.verifyToken) };
  }

  @Answer(SandboxDeliveries)
  deliveries({ organisationId, input }: Asked<SandboxDeliveries>): Promise<Page<SandboxDelivery> | null> {
    return this.sandbox.received(organisationId, input);
  }

  @Answer(recordedAnswer('session'))
  recorded({ organisationId, input }: Asked<Idempotency>): Promise<CommandResult | null> {
    return this.sessions.recordedAnswer(organisationId, input);
  }
}
