import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Coalescer } from './coalescing.ts';
import { DATA_VALID, HEADER_SIZE, NEEDS_CHECKSUM, PLAIN, readHeader } from './header.ts';
import { framesOf } from './segmentation.ts';
import { rightOnTheWire, type TcpPacketOptions, tcpPacket } from './testing/tcp-packet.ts';

const TSO = { ...PLAIN, flags: NEEDS_CHECKSUM, gsoType: 1, checksumStart: 34, checksumOffset: 16 };

/** Segments as they come over the cable. */
function segments(options: TcpPacketOptions, gsoSize: number): Uint8Array[] {
  const gsoType = options.version === 6 ? 4 : 1;
  return Array.from(framesOf(tcpPacket(options), { ...TSO, gsoType, gsoSize }), (frame) => frame.slice());
}

const one = (options: TcpPacketOptions) => segments(options, 1440)[0];

/** Everything that leaves when the frames arrive in one go. */
function coalesce(frames: Uint8Array[]): { header: ReturnType<typeof readHeader>; packet: Uint8Array }[] {
  const coalescer = new Coalescer(() => true);
  const out: { header: ReturnType<typeof readHeader>; packet: Uint8Array }[] = [];
  const leave = () => {
    if (coalescer.empty) return;
    const bytes = coalescer.packet(HEADER_SIZE, true).slice();
    out.push({ header: readHeader(bytes), packet: bytes.subarray(HEADER_SIZE) });
    coalescer.clear();
  };
  for (const frame of frames) {
    if (coalescer.add(frame)) continue;
    leave();
    expect(coalescer.add(frame)).toBe(true);
  }
  leave();
  return out;
}

describe('joining', () => {
  test('what was cut comes together again, and can be cut the same way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20000 }),
        fc.integer({ min: 200, max: 1420 }),
        fc.constantFrom(0, 12),
        fc.boolean(),
        fc.constantFrom(1000, 0xfffffff0),
        fc.constantFrom(4, 6),
        (payload, gsoSize, options, tagged, sequence, version) => {
          const wire = segments({ payload, version, options, tagged, sequence }, gsoSize);
          const out = coalesce(wire);
          expect(out).toHaveLength(1);
          const start = tcpPacket({ payload: 0, version, options, tagged }).length;
          expect(out[0].packet.subarray(start)).toEqual(
            tcpPacket({ payload, version, options, tagged }).subarray(start),
          );
          if (wire.length === 1) expect(out[0].header).toEqual({ ...PLAIN, flags: DATA_VALID });
          else {
            expect(out[0].header).toMatchObject({ flags: NEEDS_CHECKSUM, gsoType: version === 4 ? 1 : 4, gsoSize });
            const again = Array.from(framesOf(out[0].packet.slice(), out[0].header), (frame) => frame.slice());
            expect(again).toEqual(wire);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('never to more than an IP packet can be', () => {
    const out = coalesce(
      segments({ payload: 60000 }, 1400).concat(segments({ payload: 60000, sequence: 61000 }, 1400)),
    );
    expect(out.length).toBeGreaterThan(1);
    for (const { packet } of out) expect(packet.length).toBeLessThanOrEqual(14 + 65535);
    expect(out.reduce((total, { packet }) => total + packet.length - 54, 0)).toBe(120000);
  });
});

describe('passing as it came', () => {
  const first = one({ payload: 1000 });
  const next = { payload: 1000, sequence: 2000 };

  test('the next segment joins', () => {
    expect(coalesce([first, one(next)])).toHaveLength(1);
  });

  const changed = (at: number): Uint8Array => {
    const frame = one(next);
    frame[at] ^= 1;
    return frame;
  };
  test.each([
    ['a gap', one({ ...next, sequence: 2001 })],
    ['a repetition', first],
    ['the end of the connection', one({ ...next, flags: 0x11 })],
    ['a longer segment', one({ ...next, payload: 1200 })],
    ['an acknowledgement without data', one({ ...next, payload: 0 })],
    ['other options', one({ ...next, options: 12 })],
    ['the other IP version', one({ ...next, version: 6 })],
    ['a wrong checksum', changed(60)],
    ['a wrong checksum of the header', changed(25)],
    ['something that is no TCP', new Uint8Array(60)],
  ])('%s', (_, second) => {
    const out = coalesce([first, second]);
    expect(out).toHaveLength(2);
    expect(out[1].packet).toEqual(second);
  });

  test('nothing joins after a segment that asks to be handed on, or a short one', () => {
    const after = one({ payload: 500, sequence: 2500 });
    for (const second of [
      one({ payload: 1500 - 1000, sequence: 2000 }),
      one({ payload: 500, sequence: 2000, flags: 0x18 }),
    ]) {
      const out = coalesce([first, second, after]);
      expect(out.map(({ packet }) => packet.length)).toEqual([54 + 1500, 54 + 500]);
    }
  });

  test('the guest hears only of checksums that were found right', () => {
    const wrong = changed(60);
    expect(coalesce([wrong])[0]).toEqual({ header: PLAIN, packet: wrong });
    expect(coalesce([first])[0].header.flags).toBe(DATA_VALID);
    expect(rightOnTheWire(first)).toBe(true);
  });

  test('nothing of the header of an earlier packet is left', () => {
    const coalescer = new Coalescer(() => true);
    coalescer.add(first);
    coalescer.packet(HEADER_SIZE, true).fill(0xff, 0, HEADER_SIZE);
    coalescer.clear();
    coalescer.add(changed(60));
    expect([...coalescer.packet(HEADER_SIZE, true).subarray(0, HEADER_SIZE)]).toEqual(Array(HEADER_SIZE).fill(0));
  });

  test('a driver that takes neither joined segments nor word about checksums gets none', () => {
    const coalescer = new Coalescer(() => false);
    coalescer.add(first);
    expect(coalescer.add(one(next))).toBe(false);
    expect(readHeader(coalescer.packet(HEADER_SIZE, false))).toEqual(PLAIN);
  });
});

test('whatever arrives, nothing is thrown and no byte of payload is lost', () => {
  const frame = fc.oneof(
    fc.uint8Array({ minLength: 14, maxLength: 200 }),
    fc.tuple(fc.nat(3), fc.nat(80), fc.nat(255)).map(([n, at, value]) => {
      const packet = one({ payload: 300, sequence: 1000 + 300 * n });
      if (at < 54) packet[at] = value;
      return packet;
    }),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
      const out = coalesce(frames);
      const joined = out.filter(({ header }) => header.gsoType !== 0);
      const untouched = out.filter(({ header }) => header.gsoType === 0).map(({ packet }) => packet);
      for (const { packet, header } of joined) {
        for (const segment of framesOf(packet.slice(), header)) untouched.push(segment.slice());
      }
      const sorted = (list: Uint8Array[]) => list.map((bytes) => Buffer.from(bytes).toString('hex')).sort();
      // Identifications of joined segments are replaced; everything else is as it came.
      const comparable = (list: Uint8Array[]) =>
        sorted(list.map((bytes) => bytes.subarray(Math.min(bytes.length, 54))));
      expect(comparable(untouched)).toEqual(comparable(frames));
    }),
  );
});
