import { randomBytes } from 'node:crypto';
import { Controller, type Type } from '@nestjs/common';
import { z } from 'zod';
import { type Delivered, On, OnBatch } from '#bus';
import { defineEvent, type EventDefinition, type StreamName } from '#contracts';

export const Parcel = z.object({ n: z.int(), text: z.string().max(10_000).default('') });
export type Parcel = z.infer<typeof Parcel>;
export type ParcelEvent = EventDefinition<typeof Parcel>;

/** An event nobody else knows: a spec's own subject and consumer on a broker it shares with other tests. */
export function newParcel(stream: StreamName = 'FACTS', version = 1): ParcelEvent {
  return defineEvent({ name: `parcel.${randomBytes(6).toString('hex')}`, stream, version, schema: Parcel });
}

/** A consumer that is handed one parcel at a time. */
export function eachParcel(event: ParcelEvent, handle: (delivery: Delivered<Parcel>) => Promise<void>): Type {
  @Controller()
  class EachParcel {
    @On(event)
    each(delivery: Delivered<Parcel>): Promise<void> {
      return handle(delivery);
    }
  }
  return EachParcel;
}

/** A consumer that is handed what has gathered. */
export function parcelBatches(event: ParcelEvent, handle: (batch: readonly Delivered<Parcel>[]) => Promise<void>, most?: number): Type {
  @Controller()
  class ParcelBatches {
    @OnBatch(event, most === undefined ? {} : { most })
    batch(batch: readonly Delivered<Parcel>[]): Promise<void> {
      return handle(batch);
    }
  }
  return ParcelBatches;
}
