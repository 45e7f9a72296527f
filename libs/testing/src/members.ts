import { randomUUID } from 'node:crypto';
import { OrganisationCreate } from '#contracts';
import { Api, type ApiCredentials } from './api.js';
import type { SharedSystem } from './shared-system.js';

/** An organisation's first API client, connected, and how another connection of it is made. */
export interface Member {
  readonly api: Api;
  readonly organisationId: string;
  readonly credentials: ApiCredentials;
}

type Address = Pick<SharedSystem, 'url' | 'credentials'>;

/** The operator of a system, who belongs to no organisation. */
export function operatorOf({ url, credentials }: Address): Promise<Api> {
  return Api.connect(url, credentials);
}

/** The organisation every system has from its first start on. */
export async function firstMember({ url, credentials }: Address): Promise<Member> {
  const { organisation } = credentials;
  return { api: await Api.connect(url, organisation), organisationId: organisation.id, credentials: organisation };
}

/** An organisation made for this call alone. */
export async function newMember(system: Address, name = `Organisation ${randomUUID()}`): Promise<Member> {
  const operator = await operatorOf(system);
  const made = await operator.call(OrganisationCreate.answer, 'POST', '/v1/organisations', { name });
  const credentials = { client_id: made.apiClient.clientId, client_secret: made.apiClient.clientSecret };
  return { api: await Api.connect(system.url, credentials), organisationId: made.organisation.id, credentials };
}
