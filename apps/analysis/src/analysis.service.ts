import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { type Analysis, MessageAnalysed, type MessageStored, OrganisationSettings, SettingsOfOrganisation } from '#contracts';
import { KeyStore } from '#crypto';
import { Database } from '#db';
import { Cache, settingsKey, ShortMemory } from '#redis';
import { AnalysisRepository } from './analysis.repository.js';
import { InstantTier } from './instant/instant-tier.js';

const CACHED_SECONDS = 60;

/** Understands stored messages, keeps what it understood, and says so. */
@Injectable()
export class AnalysisService {
  /** settings are asked for with every batch; a change is felt within a second */
  readonly #settingsNow = new ShortMemory<OrganisationSettings>(1_000);

  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly keyStore: KeyStore,
    private readonly cache: Cache,
    private readonly instant: InstantTier,
    private readonly analyses: AnalysisRepository,
  ) {}

  /** Runs the instant tier over what customers wrote, one transaction per organisation. Repeating it changes nothing and says the same. */
  async analyseStored(batch: readonly Delivered<MessageStored>[]): Promise<void> {
    const written = batch.filter(({ data }) => data.direction === 'inbound' && data.text !== null);
    for (const [organisationId, deliveries] of Map.groupBy(written, (delivery) => delivery.organisationId)) {
      const settings = await this.#settings(organisationId);
      if (!settings.analysis) continue;
      const keys = await this.keyStore.of(organisationId);
      const analysed = deliveries.map((delivery) => ({ delivery, analysis: this.#understand(delivery, settings) }));
      await this.analyses.insert(
        keys,
        analysed.map(({ analysis }) => analysis),
      );
      await Promise.all(analysed.map(({ delivery, analysis }) => this.#tell(delivery, analysis)));
    }
  }

  /** Every analysis of a message, newest first. */
  async ofMessage(organisationId: string, messageId: string): Promise<Analysis[]> {
    const keys = await this.keyStore.of(organisationId);
    return this.database.withOrganisation(organisationId, (tx) => this.analyses.ofMessage(tx, keys, messageId));
  }

  #understand({ data }: Delivered<MessageStored>, settings: OrganisationSettings): Analysis {
    const understanding = this.instant.understand({
      text: data.text ?? '',
      fallbackLanguage: settings.language,
      customerName: data.customerName,
    });
    return {
      ...understanding,
      messageId: data.messageId,
      tier: 'instant',
      modelVersion: this.instant.version,
      analysedAt: new Date().toISOString(),
    };
  }

  async #tell(cause: Delivered<MessageStored>, analysis: Analysis): Promise<void> {
    const { messageId, conversationId, contactId, sessionId } = cause.data;
    const id = `${messageId}:analysed:${analysis.tier}:${analysis.modelVersion}`;
    const { organisationId, chat } = cause;
    await this.bus.publish(MessageAnalysed, { organisationId, id, chat, cause }, { conversationId, contactId, sessionId, analysis });
  }

  #settings(organisationId: string): Promise<OrganisationSettings> {
    const key = settingsKey('organisation', organisationId);
    return this.#settingsNow.remember(organisationId, () =>
      this.cache.remember(
        key,
        CACHED_SECONDS,
        (value) => OrganisationSettings.parse(value),
        () => this.bus.ask(SettingsOfOrganisation, organisationId, {}),
      ),
    );
  }
}
