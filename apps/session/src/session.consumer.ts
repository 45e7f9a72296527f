import { Controller } from '@nestjs/common';
import { Carries, type Delivered, On } from '#bus';
import { type CommandResult, MessageSend, SessionCreate, SessionDelete, SessionOddity } from '#contracts';
import { SendService } from './send.service.js';
import { SessionService } from './session.service.js';

@Controller()
export class SessionConsumer {
  constructor(
    private readonly sessions: SessionService,
    private readonly sends: SendService,
  ) {}

  @Carries(SessionCreate)
  create(delivery: Delivered<SessionCreate>): Promise<CommandResult> {
    return this.sessions.create(delivery);
  }

  @Carries(SessionDelete)
  delete(delivery: Delivered<SessionDelete>): Promise<CommandResult> {
    return this.sessions.delete(delivery);
  }

  @On(MessageSend)
  send(delivery: Delivered<MessageSend>): Promise<void> {
    return this.sends.send(delivery);
  }

  @On(SessionOddity)
  puzzled(delivery: Delivered<SessionOddity>): Promise<void> {
    return this.sessions.noteOddity(delivery);
  }
}
