import { Injectable } from '@nestjs/common';
import { Analysis, Suggestion } from '#contracts';
import type { OrganisationKeys } from '#crypto';
import { Database, sql, type Transaction } from '#db';
import { z } from 'zod';

const Sealed = z.object({ suggestions: z.array(Suggestion), nextAction: Analysis.shape.nextAction });

interface Row {
  readonly message_id: string;
  readonly tier: string;
  readonly model_version: string;
  readonly language: string;
  readonly sentiment_score: number;
  readonly sentiment_label: string;
  readonly intent_classification: string;
  readonly confidence: number;
  readonly lead_score: number;
  readonly suggested_responses: Uint8Array;
  readonly analyzed_at: Date;
}

const INSERT = sql`
  insert into analysis (org_id, message_id, tier, model_version, language, sentiment_score, sentiment_label,
                        intent_classification, confidence, lead_score, suggested_responses, analyzed_at)
  select current_setting('app.org')::uuid, r."messageId", r.tier, r."modelVersion", r.language, r.sentiment, r.label,
         r.intent, r.confidence, r."leadScore", decode(r.sealed, 'base64'), r."analysedAt"
  from jsonb_to_recordset($1) as r("messageId" uuid, tier text, "modelVersion" text, language text,
    sentiment float8, label text, intent text, confidence float8, "leadScore" int, sealed text, "analysedAt" timestamptz)
  on conflict (org_id, message_id, tier, model_version) do nothing
  returning to_jsonb(message_id)`;

/** What was understood of messages; one row per message, tier and model version. */
@Injectable()
export class AnalysisRepository {
  constructor(private readonly database: Database) {}

  /** Writes what is not there yet; repeating it changes nothing. */
  async insert(keys: OrganisationKeys, analyses: readonly Analysis[]): Promise<void> {
    const rows = analyses.map((one) => ({
      ...one,
      sentiment: one.sentiment.score,
      label: one.sentiment.label,
      sealed: keys.seal(one.messageId, `analysis:${one.tier}`, JSON.stringify(Sealed.parse(one))).toString('base64'),
    }));
    await this.database.statement(keys.organisationId, INSERT, rows);
  }

  /** Every analysis of a message, newest first. */
  async ofMessage(tx: Transaction, keys: OrganisationKeys, messageId: string): Promise<Analysis[]> {
    const rows = await tx.$queryRaw<Row[]>`
      select message_id::text, tier, model_version, language, sentiment_score, sentiment_label, intent_classification, confidence,
             lead_score, suggested_responses, analyzed_at
      from analysis where org_id = ${keys.organisationId}::uuid and message_id = ${messageId}::uuid order by analyzed_at desc`;
    return rows.map((row) => toAnalysis(keys, row));
  }
}

function toAnalysis(keys: OrganisationKeys, row: Row): Analysis {
  const sealed = Sealed.parse(JSON.parse(keys.open(row.message_id, `analysis:${row.tier}`, row.suggested_responses)));
  return Analysis.parse({
    messageId: row.message_id,
    tier: row.tier,
    modelVersion: row.model_version,
    language: row.language,
    sentiment: { score: row.sentiment_score, label: row.sentiment_label },
    intent: row.intent_classification,
    confidence: row.confidence,
    leadScore: row.lead_score,
    analysedAt: row.analyzed_at.toISOString(),
    ...sealed,
  });
}
