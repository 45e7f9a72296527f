import { Controller } from '@nestjs/common';
import { Answer, type Asked, Carries, type Delivered } from '#bus';
import {
  ApiClientCreate,
  type CommandResult,
  type Idempotency,
  type Organisation,
  OrganisationCreate,
  OrganisationList,
  type Page,
  type PageQuery,
  recordedAnswer,
} from '#contracts';
import { OrganisationService } from './organisation.service.js';

@Controller()
export class UserConsumer {
  constructor(private readonly organisations: OrganisationService) {}

  @Carries(OrganisationCreate)
  create(delivery: Delivered<OrganisationCreate>): Promise<CommandResult> {
    return this.organisations.create(delivery);
  }

  @Carries(ApiClientCreate)
  createClient(delivery: Delivered<ApiClientCreate>): Promise<CommandResult> {
    return this.organisations.createClient(delivery);
  }

  @Answer(OrganisationList)
  list({ input }: Asked<PageQuery>): Promise<Page<Organisation>> {
    return this.organisations.list(input);
  }

  @Answer(recordedAnswer('user'))
  recorded({ organisationId, input }: Asked<Idempotency>): Promise<CommandResult | null> {
    return this.organisations.recordedAnswer(organisationId, input);
  }
}
