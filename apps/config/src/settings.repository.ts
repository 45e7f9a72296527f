import { Injectable } from '@nestjs/common';
import type { Transaction } from '#db';

export interface StoredSettings {
  readonly value: unknown;
  readonly version: number;
}

/** Settings as they were last written; what was never written has no row. */
@Injectable()
export class SettingsRepository {
  async read(tx: Transaction, organisationId: string, scope: string, subject: string): Promise<StoredSettings | undefined> {
    const [row] = await tx.$queryRaw<StoredSettings[]>`
      select value, version from settings where org_id = ${organisationId}::uuid and scope = ${scope} and subject = ${subject}`;
    return row;
  }

  /** Writes the whole value and returns its new version. */
  async write(tx: Transaction, organisationId: string, scope: string, subject: string, value: unknown): Promise<number> {
    const [row] = await tx.$queryRaw<{ version: number }[]>`
      insert into settings (org_id, scope, subject, value)
      values (${organisationId}::uuid, ${scope}, ${subject}, ${JSON.stringify(value)}::jsonb)
      on conflict (org_id, scope, subject) do update
        set value = excluded.value, version = settings.version + 1, updated_at = now()
      returning version`;
    return row?.version ?? 1;
  }
}
