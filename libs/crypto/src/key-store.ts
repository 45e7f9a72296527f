import type { OrganisationKeys } from './organisation-keys.js';

/** Where organisations' keys come from: a directory today, a key service tomorrow. */
export abstract class KeyStore {
  /** The organisation's keys. Throws OrganisationKeyMissing, OrganisationKeyUnusable. */
  abstract of(organisationId: string): Promise<OrganisationKeys>;

  /** Makes the organisation's first key; does nothing when there is one. */
  abstract create(organisationId: string): Promise<OrganisationKeys>;
}
