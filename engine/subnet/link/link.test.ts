import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import type { Timebase } from '../../base/timebase.ts';
import { type Flow, Link } from './link.ts';

const MIB = 2 ** 20;

/** Keeps a flow busy, with messages of a size and 128 KiB of them waiting, and counts what arrived. */
function saturate(flow: Flow, bytes: number): { arrived: number } {
  const count = { arrived: 0 };
  const send = async () => {
    for (;;) {
      await flow.transmit(bytes, () => {
        count.arrived += bytes;
      });
    }
  };
  for (let waiting = 0; waiting < 128 << 10; waiting += bytes) void send();
  return count;
}

describe('the modelled link', () => {
  it('lets no more than its bandwidth through, and hardly less', async () => {
    for (const bandwidthMbits of [1, 10, 100, 1000, 10_000]) {
      for (const bytes of [1500, 4096, MIB]) {
        const time = new VirtualTime();
        const flow = new Link({ bandwidthMbits, latencyMs: 0 }, time).openFlow();
        const meanwhile = saturate(flow, bytes);
        const ms = bytes === MIB ? 20_000 : 500;
        await time.pass(ms);
        const mbits = (meanwhile.arrived * 8) / (ms * 1000);
        expect(mbits).toBeLessThanOrEqual(bandwidthMbits * 1.02 + (bytes * 8) / (ms * 1000));
        expect(mbits).toBeGreaterThan(bandwidthMbits * 0.97 - (bytes * 8) / (ms * 1000));
      }
    }
  });

  it('counts migrations apart from guests, in both directions', async () => {
    const time = new VirtualTime();
    const link = new Link({ bandwidthMbits: 1000, latencyMs: 0 }, time);
    const [guests, move] = [link.openFlow(0.25, 'guests'), link.openFlow()];
    void guests.transmit(5000, () => {});
    void move.transmit(MIB, () => {});
    link.arrived(700);
    await time.pass(100);
    move.close();
    expect(link.migrations).toMatchObject({ sentBytes: MIB, receivedBytes: 700 });
    expect(link.migrations.sentMbits).toBeGreaterThan(0);
    await time.pass(2000);
    expect(link.migrations).toMatchObject({ sentBytes: MIB, sentMbits: 0, receivedMbits: 0 });
  });

  it('makes up for timers that come late', async () => {
    const time = new VirtualTime();
    const coarse: Timebase = {
      now: () => time.now(),
      after: (ms, callback) => time.after(Math.ceil(ms / 4) * 4, callback),
    };
    const flow = new Link({ bandwidthMbits: 1000, latencyMs: 0 }, coarse).openFlow();
    let arrived = 0;
    void (async () => {
      for (;;) await flow.transmit(MIB, () => (arrived += MIB));
    })();
    await time.pass(2000);
    expect((arrived * 8) / 2_000_000).toBeGreaterThan(970);
    expect((arrived * 8) / 2_000_000).toBeLessThan(1010);
  });

  it('adds its latency to each message, not to the next one’s turn', async () => {
    const time = new VirtualTime();
    const flow = new Link({ bandwidthMbits: 8, latencyMs: 100 }, time).openFlow();
    const start = time.now();
    const left: number[] = [];
    const arrived: number[] = [];
    for (let i = 0; i < 3; i++) {
      void flow.transmit(10_000, () => arrived.push(time.now() - start)).then(() => left.push(time.now() - start));
    }
    await time.pass(200);
    for (let i = 0; i < 3; i++) {
      expect(Math.abs(left[i] - 10 * (i + 1))).toBeLessThan(2);
      expect(Math.abs(arrived[i] - left[i] - 100)).toBeLessThan(2);
    }
  });

  it('delivers a flow’s messages in order whatever their size and the settings in between', async () => {
    const change = fc.record({
      bytes: fc.integer({ min: 1, max: 300_000 }),
      bandwidthMbits: fc.constantFrom(0, 1, 100, 1000),
      latencyMs: fc.constantFrom(0, 0.2, 5, 50),
      pauseMs: fc.integer({ min: 0, max: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: 20 }), async (changes) => {
        const time = new VirtualTime();
        const link = new Link({ bandwidthMbits: 100, latencyMs: 1 }, time);
        const flow = link.openFlow();
        const arrived: number[] = [];
        for (const [i, { bytes, pauseMs, ...settings }] of changes.entries()) {
          link.settings = settings;
          void flow.transmit(bytes, () => arrived.push(i));
          await time.pass(pauseMs);
        }
        await time.pass(100_000);
        expect(arrived).toEqual(changes.map((_, i) => i));
      }),
      { numRuns: 40 },
    );
  });

  it('is shared in equal parts by the flows that want to send, however large their messages', async () => {
    const time = new VirtualTime();
    const link = new Link({ bandwidthMbits: 100, latencyMs: 0 }, time);
    const [bulk, frames, late] = [link.openFlow(), link.openFlow(), link.openFlow()];
    const counts = [saturate(bulk, MIB), saturate(frames, 9000)];
    await time.pass(4000);
    for (const { arrived } of counts) expect((arrived * 8) / 4_000_000 / 50).toBeCloseTo(1, 1);
    // One that comes late gets its part from then on, and is not owed what it did not use.
    const third = saturate(late, 9000);
    await time.pass(3000);
    expect((third.arrived * 8) / 3_000_000 / 33.3).toBeCloseTo(1, 1);
    expect(link.throughputMbits()).toBeCloseTo(100, -1);
    expect(late.throughputMbits()).toBeCloseTo(33, -1);
  });

  it('gives a flow what is reserved for it', async () => {
    const time = new VirtualTime();
    const link = new Link({ bandwidthMbits: 100, latencyMs: 0 }, time);
    const reserved = saturate(link.openFlow(0.6), 9000);
    const others = [link.openFlow(), link.openFlow(), link.openFlow(), link.openFlow()].map((f) => saturate(f, MIB));
    await time.pass(5000);
    expect((reserved.arrived * 8) / 5_000_000).toBeGreaterThan(57);
    for (const { arrived } of others) expect((arrived * 8) / 5_000_000).toBeGreaterThan(6);
  });

  it('with bandwidth 0 takes no time, and refuses nonsense', async () => {
    const time = new VirtualTime();
    const link = new Link({ bandwidthMbits: 0, latencyMs: 0 }, time);
    let arrived = false;
    void link.openFlow().transmit(100 * MIB, () => {
      arrived = true;
    });
    expect(arrived).toBe(true);
    expect(() => new Link({ bandwidthMbits: -1, latencyMs: 0 }, time)).toThrow(RangeError);
    expect(() => {
      link.settings = { bandwidthMbits: 1, latencyMs: Number.NaN };
    }).toThrow(RangeError);
  });

  it('a faster link takes effect at once', async () => {
    const time = new VirtualTime();
    const link = new Link({ bandwidthMbits: 1, latencyMs: 0 }, time);
    let arrived = false;
    void link.openFlow().transmit(MIB, () => {
      arrived = true;
    });
    await time.pass(100);
    link.settings = { bandwidthMbits: 1000, latencyMs: 0 };
    await time.pass(1000);
    expect(arrived).toBe(true);
  });
});
