import { Injectable } from '@nestjs/common';
import { Bus, type Delivered } from '#bus';
import { type RealtimeName, RealtimePublished } from '#contracts';

/** Turns facts into what screens are told. */
@Injectable()
export class RealtimeService {
  constructor(private readonly bus: Bus) {}

  /** Publishes one realtime event per fact, under an id of the fact's own, so that a repeated fact is told once. */
  async tell<D>(batch: readonly Delivered<D>[], name: RealtimeName, toData: (data: D) => unknown): Promise<void> {
    await Promise.all(
      batch.map((cause) =>
        this.bus.publish(
          RealtimePublished,
          { organisationId: cause.organisationId, id: `${cause.id}:told`, cause },
          { name, at: new Date(cause.at).toISOString(), data: toData(cause.data) },
        ),
      ),
    );
  }
}
