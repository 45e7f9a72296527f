import { DiscardPolicy, type JetStreamManager, PersistMode, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { StreamName } from '#contracts';

const MB = 1_048_576;
const DAY = 24 * 3_600_000;

interface StreamPlan {
  readonly subjects: string[];
  readonly days: number;
  readonly megabytes: number;
  readonly storage: StorageType;
  /** `new` refuses what does not fit, where a loss would matter; `old` lets the oldest go */
  readonly discard: DiscardPolicy;
  readonly persist?: PersistMode;
}

const PLANS: Record<StreamName, StreamPlan> = {
  INBOX: { subjects: ['inbox.>'], days: 7, megabytes: 2_048, storage: StorageType.File, discard: DiscardPolicy.New },
  COMMANDS: { subjects: ['commands.>'], days: 7, megabytes: 512, storage: StorageType.File, discard: DiscardPolicy.New },
  FACTS: {
    subjects: ['facts.>'],
    days: 3,
    megabytes: 2_048,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    persist: PersistMode.Async,
  },
  REALTIME: { subjects: ['realtime.>'], days: 1 / 24, megabytes: 64, storage: StorageType.Memory, discard: DiscardPolicy.Old },
  DEAD: { subjects: ['dead.>'], days: 30, megabytes: 256, storage: StorageType.File, discard: DiscardPolicy.New },
  ADVISORY: {
    subjects: ['$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>', '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>'],
    days: 30,
    megabytes: 32,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
  },
};

/** JetStream forgets message ids after this; unique keys in Postgres guard what comes later. */
const DUPLICATE_WINDOW_MS = 120_000;

function configOf(name: StreamName): Partial<StreamConfig> & { name: string } {
  const plan = PLANS[name];
  const maxAge = plan.days * DAY;
  return {
    name,
    subjects: plan.subjects,
    retention: RetentionPolicy.Limits,
    storage: plan.storage,
    discard: plan.discard,
    max_age: nanos(maxAge),
    max_bytes: plan.megabytes * MB,
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, maxAge)),
    ...(plan.persist === undefined ? {} : { persist_mode: plan.persist }),
  };
}

/** Makes the streams that are missing and brings the limits of the others up to date; safe to call from every app at once. */
export async function ensureTopology(manager: JetStreamManager): Promise<void> {
  await Promise.all((Object.keys(PLANS) as StreamName[]).map((name) => ensureStream(manager, name)));
}

async function ensureStream(manager: JetStreamManager, name: StreamName): Promise<void> {
  const config = configOf(name);
  const existing = await manager.streams.info(name).catch(() => undefined);
  if (existing === undefined) {
    await manager.streams.add(config);
    return;
  }
  if (Object.entries(config).some(([key, value]) => JSON.stringify(Reflect.get(existing.config, key)) !== JSON.stringify(value))) {
    await manager.streams.update(name, config);
  }
}
