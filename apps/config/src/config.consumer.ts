import { Controller } from '@nestjs/common';
import { Answer, type Asked, Carries, type Delivered, On } from '#bus';
import {
  type CommandResult,
  type Idempotency,
  type OrganisationSettings,
  recordedAnswer,
  SettingsChanged,
  SettingsOfOrganisation,
  SettingsUpdate,
} from '#contracts';
import { SettingsService } from './settings.service.js';

@Controller()
export class ConfigConsumer {
  constructor(private readonly settings: SettingsService) {}

  @Carries(SettingsUpdate)
  update(delivery: Delivered<SettingsUpdate>): Promise<CommandResult> {
    return this.settings.update(delivery);
  }

  @On(SettingsChanged)
  changed(delivery: Delivered<SettingsChanged>): Promise<void> {
    return this.settings.forget(delivery);
  }

  @Answer(SettingsOfOrganisation)
  ofOrganisation({ organisationId }: Asked<Record<string, never>>): Promise<OrganisationSettings> {
    return this.settings.ofOrganisation(organisationId);
  }

  @Answer(recordedAnswer('config'))
  recorded({ organisationId, input }: Asked<Idempotency>): Promise<CommandResult | null> {
    return this.settings.recordedAnswer(organisationId, input);
  }
}
