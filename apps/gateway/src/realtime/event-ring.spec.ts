import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventRing, type RingEvent } from './event-ring.js';

const EPOCH = '0123456789abcdef';
const event = (seq: number, organisationId: string, length: number): RingEvent => ({ seq, organisationId, frame: 'x'.repeat(length) });

describe(EventRing, () => {
  it('gives back exactly what came after a position, or says that it cannot', () => {
    const steps = fc.array(
      fc.record({ gap: fc.integer({ min: 1, max: 3 }), org: fc.constantFrom('a', 'b'), length: fc.integer({ min: 0, max: 40 }) }),
      {
        maxLength: 60,
      },
    );

    fc.assert(
      fc.property(steps, fc.nat({ max: 130 }), fc.integer({ min: 1, max: 200 }), fc.nat({ max: 20 }), (list, from, maxBytes, floor) => {
        const ring = new EventRing(maxBytes);
        ring.begin(EPOCH, floor);
        const all: RingEvent[] = [];
        let seq = floor;
        for (const { gap, org, length } of list) {
          seq += gap;
          all.push(event(seq, org, length));
          ring.add(all.at(-1)!);
        }

        const resumption = ring.since('a', { epoch: EPOCH, seq: from });

        const wanted = all.filter((one) => one.seq > from && one.organisationId === 'a');
        if (resumption.status === 'ready') expect(resumption.missed).toEqual(wanted);
        else expect(from < floor || all.some((one) => one.seq > from)).toBe(true);
        expect(ring.now).toEqual({ epoch: EPOCH, seq });
        // one event may be larger than the whole ring: it stays alone
        const [last] = all.slice(-1);
        expect(ring.bytes).toBeLessThanOrEqual(Math.max(maxBytes, last?.frame.length ?? 0));
        expect(ring.since('a', ring.now)).toEqual({ status: 'ready', missed: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps what fits and lets the oldest go', () => {
    const ring = new EventRing(30);
    ring.begin(EPOCH, 0);
    for (const seq of [1, 2, 3, 4, 5]) ring.add(event(seq, 'a', 10));
    const missed = (seq: number) => {
      const resumption = ring.since('a', { epoch: EPOCH, seq });
      return resumption.status === 'ready' ? resumption.missed.map((one) => one.seq) : 'resync';
    };

    expect([0, 1, 2, 3, 4, 5].map(missed)).toEqual(['resync', 'resync', [3, 4, 5], [4, 5], [5], []]);
    expect(ring.bytes).toBe(30);
  });

  it('knows no position of another epoch, and begins anew with the next', () => {
    const ring = new EventRing(1_000);
    ring.begin(EPOCH, 0);
    ring.add(event(1, 'a', 1));
    const other = 'fedcba9876543210';
    expect(ring.since('a', { epoch: other, seq: 1 })).toEqual({ status: 'resync' });

    ring.begin(other, 0);

    expect(ring.since('a', { epoch: EPOCH, seq: 1 })).toEqual({ status: 'resync' });
    expect(ring.since('a', { epoch: other, seq: 0 })).toEqual({ status: 'ready', missed: [] });
    expect(ring.bytes).toBe(0);
  });
});
