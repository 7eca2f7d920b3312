import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Subnet } from '../carrier/subnet.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { Origin } from '../switch/switch-port.ts';
import { broadcast, mac, numberIn } from '../testing/frames.ts';
import { TestWire } from '../testing/test-wire.ts';
import { frameBatchKind, packFrames, unpackFrames } from './frame-batch.ts';
import { Link, type LinkSettings } from './link.ts';
import { type LineQuality, Uplink } from './uplink.ts';

const FAST: LinkSettings = { bandwidthMbits: 0, latencyMs: 0 };

let wire: TestWire;
let messages: number;

interface Node {
  uplink: Uplink;
  link: Link;
  channel: Subnet;
  got: { number: number; origin: Origin }[];
}

function open(nodeId: string, settings = FAST, quality?: LineQuality, random?: () => number): Node {
  const got: Node['got'] = [];
  const channel = new Subnet({ nodeId, openPort: wire.portsOf(nodeId), channel: 'tabvisor/ethernet' });
  const link = new Link(settings, wire.time);
  const uplink = new Uplink({
    channel,
    link,
    timebase: wire.time,
    quality,
    random,
    soon: (task) => wire.time.after(0, task),
    receive: (frame, origin) => got.push({ number: numberIn(frame), origin }),
  });
  return { uplink, link, channel, got };
}

beforeEach(() => {
  wire = new TestWire();
  messages = 0;
  wire.onPost = () => {
    messages += 1;
    return undefined;
  };
});

const sender = {};
const sendMany = (uplink: Uplink, count: number, from: object = sender) =>
  Array.from({ length: count }, (_, i) => uplink.send(broadcast(mac(1), i), from)).filter((accepted) => accepted)
    .length;

describe('the uplink', () => {
  it('carries frames to all other hosts, in order, numbered and in few messages', async () => {
    const [a, b, c] = [open('a'), open('b'), open('c')];
    sendMany(a.uplink, 100);
    expect(a.uplink.position).toBe(100);
    await wire.time.pass(5);
    for (const { got, uplink } of [b, c]) {
      expect(got).toEqual(Array.from({ length: 100 }, (_, i) => ({ number: i, origin: { node: 'a', number: i } })));
      expect(uplink.received).toEqual(new Map([['a', 100]]));
    }
    expect(a.got).toEqual([]);
    expect(messages).toBe(1);
    a.uplink.send(broadcast(mac(1), 7), sender);
    await wire.time.pass(5);
    expect(b.got.at(-1)).toEqual({ number: 7, origin: { node: 'a', number: 100 } });
    expect(a.uplink.counters).toMatchObject({ sentFrames: 101, sentBytes: 101 * 60 });
    expect(b.uplink.counters).toMatchObject({ receivedFrames: 101, receivedBytes: 101 * 60 });
  });

  it('keeps to the link’s bandwidth and shares it with a migration', async () => {
    const [a, b] = [open('a', { bandwidthMbits: 10, latencyMs: 0 }), open('b')];
    const migration = a.link.openFlow();
    const bulk = async () => {
      for (;;) await migration.transmit(64 << 10, () => {});
    };
    void bulk();
    const frame = () => new Uint8Array([...broadcast(mac(1), 0), ...new Uint8Array(1440)]);
    for (let ms = 0; ms < 2000; ms++) {
      for (let i = 0; i < 3; i++) a.uplink.send(frame(), sender);
      await wire.time.pass(1);
    }
    const mbits = (b.uplink.counters.receivedBytes * 8) / 2_000_000;
    expect(mbits).toBeGreaterThan(4.5);
    expect(mbits).toBeLessThan(5.5);
  });

  it('bounds what waits, and leaves room for others beside one that floods', async () => {
    const { uplink } = open('a', { bandwidthMbits: 1, latencyMs: 0 });
    const [flood, calm] = [{}, {}];
    const flooded = sendMany(uplink, 20_000, flood);
    expect(flooded * 84).toBeLessThanOrEqual(32 << 10);
    expect(sendMany(uplink, 50, calm)).toBe(50);
    expect(uplink.counters.queueFull).toBe(20_000 - flooded);
    await wire.time.pass(2000);
    expect(sendMany(uplink, 10, flood)).toBe(10);
  });

  it('loses the share of frames it is told to, without a gap in the numbers', async () => {
    let step = 0;
    const random = () => (step++ % 4 === 0 ? 0.1 : 0.9);
    const [a, b] = [open('a', FAST, { loss: 0.25, jitterMs: 0 }, random), open('b')];
    sendMany(a.uplink, 100);
    await wire.time.pass(5);
    expect(a.uplink.counters.lost).toBe(25);
    expect(b.got).toHaveLength(75);
    expect(b.got.map(({ origin }) => origin.number)).toEqual(Array.from({ length: 75 }, (_, i) => i));
  });

  it('delays by up to the jitter, and never reorders', async () => {
    const delays = [0.9, 0.1, 0.5, 0, 0.99, 0.3];
    let step = 0;
    const random = () => delays[step++ % delays.length];
    const [a, b] = [open('a', FAST, { loss: 0, jitterMs: 20 }, random), open('b')];
    for (let i = 0; i < 50; i++) {
      a.uplink.send(broadcast(mac(1), i), sender);
      await wire.time.pass(1);
    }
    expect(b.got.length).toBeLessThan(50);
    await wire.time.pass(25);
    expect(b.got.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('counts and drops what is malformed on the channel', async () => {
    const b = open('b');
    const peer = new Subnet({ nodeId: 'x', openPort: wire.portsOf('x'), channel: 'tabvisor/ethernet' });
    const good = packFrames([broadcast(mac(1), 0)], 0);
    for (const body of [
      7,
      { ...good, first: -1 },
      { ...good, lengths: [60] },
      { ...good, lengths: Uint16Array.of(59) },
      { ...good, lengths: Uint16Array.of(13, 47) },
      { ...good, bytes: 'frames' },
    ]) {
      peer.send('b', { ...frameBatchKind, decode: (value: unknown) => value as never }, body as never);
    }
    wire.inject('from somebody else', 'tabvisor/ethernet');
    await wire.time.pass(1);
    expect(b.got).toEqual([]);
    expect(b.channel.rejected).toEqual(
      new Map([
        ['Malformed "ethernet-frames" message on the subnet', 6],
        ['Foreign message on the subnet', 1],
      ]),
    );
  });

  it('refuses a line that there cannot be', () => {
    const { uplink } = open('a');
    for (const quality of [
      { loss: -0.1, jitterMs: 0 },
      { loss: 2, jitterMs: 0 },
      { loss: 0, jitterMs: -1 },
      { loss: Number.NaN, jitterMs: 0 },
    ]) {
      expect(() => {
        uplink.quality = quality;
      }).toThrow(RangeError);
    }
  });

  it('packs and unpacks any frames', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 14, maxLength: 1518 }) as fc.Arbitrary<Frame>, {
      maxLength: 40,
    });
    fc.assert(
      fc.property(frames, fc.nat(), (sent, first) => {
        const batch = frameBatchKind.decode(structuredClone(packFrames(sent, first)));
        expect(unpackFrames(batch)).toEqual(sent);
        expect(batch.first).toBe(first);
      }),
      { numRuns: 50 },
    );
  });
});
