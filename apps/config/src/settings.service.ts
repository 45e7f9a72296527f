import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { type CommandResult, type Idempotency, OrganisationSettings, SettingsChanged, type SettingsUpdate } from '#contracts';
import { KeyStore } from '#crypto';
import { CommandAnswers, Database } from '#db';
import { Cache, settingsKey } from '#redis';
import { KEY_CONFLICT } from '#server';
import { SettingsRepository } from './settings.repository.js';

const CACHED_SECONDS = 60;

/** Reads and changes settings; readers see a change as soon as its event was handled. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly answers: CommandAnswers,
    private readonly keyStore: KeyStore,
    private readonly settings: SettingsRepository,
    private readonly cache: Cache,
  ) {}

  /** The organisation's settings, with the default of every key it never set. */
  ofOrganisation(organisationId: string): Promise<OrganisationSettings> {
    return this.cache.remember(
      settingsKey('organisation', organisationId),
      CACHED_SECONDS,
      (value) => OrganisationSettings.parse(value),
      async () => {
        const stored = await this.database.withOrganisation(organisationId, (tx) =>
          this.settings.read(tx, organisationId, 'organisation', organisationId),
        );
        return OrganisationSettings.parse(stored?.value ?? {});
      },
    );
  }

  async update(delivery: Delivered<SettingsUpdate>): Promise<CommandResult> {
    const { organisationId, data } = delivery;
    const { scope, subject, value } = data;
    const keys = await this.keyStore.of(organisationId);
    const result = await this.answers.carryOut<CommandResult>(keys, delivery.idempotency, KEY_CONFLICT, async (tx) => {
      await this.settings.write(tx, organisationId, scope, subject, value);
      return { status: 'done', answer: value };
    });
    if (result.status === 'done') {
      await this.bus.publish(SettingsChanged, { organisationId, id: `${delivery.id}:changed`, cause: delivery }, { scope, subject });
      await this.cache.forget(settingsKey(scope, subject));
    }
    return result;
  }

  /** Drops the cached copy, after a change made by any replica. */
  async forget(delivery: Delivered<SettingsChanged>): Promise<void> {
    await this.cache.forget(settingsKey(delivery.data.scope, delivery.data.subject));
  }

  async recordedAnswer(organisationId: string, asked: Idempotency): Promise<CommandResult | null> {
    return this.answers.recorded(await this.keyStore.of(organisationId), asked, KEY_CONFLICT);
  }
}
