import { Injectable } from '@nestjs/common';
import type { OrganisationKeys } from '#crypto';
import type { Transaction } from '#db';
import type { Inbound } from './inbound.js';

interface Resolved {
  readonly contactId: string;
  readonly conversationId: string | null;
}

const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'));
const identityKey = (kind: string, hash: string, sessionId: string) => `${kind}:${hash}:${sessionId}`;

/** Finds, or makes, the people and conversations of a batch of messages. */
@Injectable()
export class ContactRepository {
  /** Makes what is missing: new people become contacts with their identities and a lead. Every id is derived, so two who make the same make it once. */
  async place(tx: Transaction, keys: OrganisationKeys, batch: readonly Inbound[]): Promise<void> {
    const known = await this.#resolve(tx, keys.organisationId, batch);
    const strangers = batch.filter((one) => !isComplete(one, known));
    if (strangers.length === 0) return;
    await this.#makeContacts(tx, keys, strangers, known);
    const met = await this.#resolve(tx, keys.organisationId, batch);
    await this.#makeConversations(tx, keys, strangers, met);
  }

  async #resolve(tx: Transaction, organisationId: string, batch: readonly Inbound[]): Promise<Map<string, Resolved>> {
    const wanted = batch.flatMap((one) =>
      one.identities.map(({ identity, hash }) => ({ kind: identity.kind, hash: `\\x${hash}`, session: one.delivery.data.sessionId })),
    );
    const rows = await tx.$queryRaw<{ kind: string; hash: string; session: string; contact_id: string; conversation_id: string | null }[]>`
      select distinct r.kind, encode(r.hash, 'hex') as hash, r.session::text as session, i.contact_id::text, c.id::text as conversation_id
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as r(kind text, hash bytea, session uuid)
      join contact_identities i
        on i.org_id = ${organisationId}::uuid and i.kind = r.kind and i.value_hash = r.hash
      left join conversations c
        on c.org_id = ${organisationId}::uuid and c.session_id = r.session and c.contact_id = i.contact_id`;
    return new Map(
      rows.map((row) => [identityKey(row.kind, row.hash, row.session), { contactId: row.contact_id, conversationId: row.conversation_id }]),
    );
  }

  async #makeContacts(tx: Transaction, keys: OrganisationKeys, batch: readonly Inbound[], known: Map<string, Resolved>): Promise<void> {
    const contacts = new Map<string, { id: string; name: string | null }>();
    const identities = new Map<string, { kind: string; hash: string; value: string | null; contact: string }>();
    for (const one of batch) {
      const [from] = one.identities;
      // somebody earlier in the batch may be the same person
      const met = one.identities.map(({ identity, hash }) => identities.get(`${identity.kind}:${hash}`)?.contact).find(Boolean);
      const id = resolvedOf(one, known)?.contactId ?? met ?? keys.id('contact', from.identity.kind, from.identity.value);
      const { name } = one.delivery.data;
      contacts.set(id, { id, name: name === null ? null : base64(keys.seal(id, 'name', name)) });
      for (const { identity, hash } of one.identities) {
        if (identities.has(`${identity.kind}:${hash}`)) continue;
        const value = base64(keys.seal(hash, 'identity', identity.value));
        identities.set(`${identity.kind}:${hash}`, { kind: identity.kind, hash, value, contact: id });
      }
    }
    const org = keys.organisationId;
    // sorted, so that two batches that make the same people wait for each other instead of locking crosswise
    await tx.$executeRaw`
      with made as (
        insert into contacts (org_id, id, name)
        select ${org}::uuid, r.id, decode(r.name, 'base64')
        from jsonb_to_recordset(${JSON.stringify(sorted(contacts))}::jsonb) as r(id uuid, name text)
        on conflict (org_id, id) do nothing returning id)
      insert into leads (org_id, contact_id) select ${org}::uuid, id from made on conflict do nothing`;
    await tx.$executeRaw`
      insert into contact_identities (org_id, kind, value_hash, value, contact_id)
      select ${org}::uuid, r.kind, decode(r.hash, 'hex'), decode(r.value, 'base64'), r.contact
      from jsonb_to_recordset(${JSON.stringify(sorted(identities))}::jsonb) as r(kind text, hash text, value text, contact uuid)
      on conflict (org_id, kind, value_hash) do nothing`;
  }

  async #makeConversations(tx: Transaction, keys: OrganisationKeys, batch: readonly Inbound[], met: Map<string, Resolved>): Promise<void> {
    const rows = new Map<string, Record<string, string | null>>();
    for (const one of batch) {
      const resolved = resolvedOf(one, met);
      if (!resolved || resolved.conversationId !== null) continue;
      const { sessionId, from, name, timestamp } = one.delivery.data;
      const id = keys.id('conversation', sessionId, resolved.contactId);
      const seal = (field: string, text: string | null) => (text === null ? null : base64(keys.seal(id, field, text)));
      if (rows.has(id)) continue;
      rows.set(id, {
        id,
        session: sessionId,
        contact: resolved.contactId,
        whatsapp: seal('whatsapp_id', JSON.stringify(from)),
        name: seal('customer_name', name),
        phone: seal('customer_phone', one.phone),
        at: timestamp,
      });
    }
    if (rows.size === 0) return;
    await tx.$executeRaw`
      insert into conversations (org_id, id, session_id, contact_id, whatsapp_id, customer_name, customer_phone, started_at, last_message_at)
      select ${keys.organisationId}::uuid, r.id, r.session, r.contact, decode(r.whatsapp, 'base64'), decode(r.name, 'base64'),
             decode(r.phone, 'base64'), r.at, r.at
      from jsonb_to_recordset(${JSON.stringify(sorted(rows))}::jsonb)
        as r(id uuid, session uuid, contact uuid, whatsapp text, name text, phone text, at timestamptz)
      on conflict (org_id, session_id, contact_id) do nothing`;
  }
}

/** The first of a message's identities that is known decides who wrote. */
function resolvedOf(one: Inbound, known: Map<string, Resolved>): Resolved | undefined {
  for (const { identity, hash } of one.identities) {
    const found = known.get(identityKey(identity.kind, hash, one.delivery.data.sessionId));
    if (found) return found;
  }
  return undefined;
}

function isComplete(one: Inbound, known: Map<string, Resolved>): boolean {
  return one.identities.every(
    ({ identity, hash }) => known.get(identityKey(identity.kind, hash, one.delivery.data.sessionId))?.conversationId != null,
  );
}

function sorted<T>(rows: Map<string, T>): T[] {
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
