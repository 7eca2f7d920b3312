import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAXIMUM_FRAME } from '../../bus/nic.ts';
import { NEEDS_CHECKSUM, PLAIN } from './header.ts';
import { framesOf, type Refusal } from './segmentation.ts';
import { get16, get32 } from './tcp-layout.ts';
import { rightOnTheWire, tcpOffset, tcpPacket } from './testing/tcp-packet.ts';

const TSO = { ...PLAIN, flags: NEEDS_CHECKSUM, gsoType: 1, checksumStart: 34, checksumOffset: 16 };

function all(packet: Uint8Array, header: Parameters<typeof framesOf>[1]): { frames: Uint8Array[]; refusal?: Refusal } {
  const frames: Uint8Array[] = [];
  const generator = framesOf(packet, header);
  for (;;) {
    const next = generator.next();
    if (next.done) return { frames, refusal: next.value };
    frames.push(next.value.slice());
  }
}

describe('segments', () => {
  test('carry the whole payload in sequence, each with the right headers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20000 }),
        fc.integer({ min: 200, max: 1420 }),
        fc.constantFrom(0, 12),
        fc.boolean(),
        fc.constantFrom(1000, 0xfffffff0),
        fc.constantFrom(4, 6),
        (payload, gsoSize, options, tagged, sequence, version) => {
          const packet = tcpPacket({ payload, version, options, tagged, sequence, id: 0xfffe, flags: 0x19 });
          const gsoType = version === 4 ? 1 : 4;
          const { frames, refusal } = all(packet.slice(), { ...TSO, gsoType, gsoSize });
          const start = packet.length - payload;
          const tcp = tcpOffset({ version, tagged });
          expect(refusal).toBeUndefined();
          expect(frames.flatMap((frame) => [...frame.subarray(start)])).toEqual([...packet.subarray(start)]);
          let at = 0;
          for (const [n, frame] of frames.entries()) {
            expect(frame.length).toBeLessThanOrEqual(MAXIMUM_FRAME);
            expect(rightOnTheWire(frame)).toBe(true);
            expect(get32(frame, tcp + 4)).toBe((sequence + at) % 2 ** 32);
            if (version === 4) expect(get16(frame, tcp - 16)).toBe((0xfffe + n) & 0xffff);
            expect(frame[tcp + 13]).toBe(n === frames.length - 1 ? 0x19 : 0x10);
            at += frame.length - start;
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each<[string, Uint8Array, object, Refusal]>([
    ['no TCP packet', new Uint8Array(2000), { gsoSize: 1000 }, 'malformed'],
    ['TCP over the other IP version', tcpPacket({ payload: 100, version: 6 }), { gsoSize: 50 }, 'malformed'],
    ['segments of nothing', tcpPacket({ payload: 100 }), { gsoSize: 0 }, 'malformed'],
    ['segments too long for a frame', tcpPacket({ payload: 3000 }), { gsoSize: 2000 }, 'oversize'],
    [
      'a kind of segmentation that was not offered',
      tcpPacket({ payload: 100 }),
      { gsoType: 3, gsoSize: 50 },
      'malformed',
    ],
  ])('%s: refused', (_, packet, header, refusal) => {
    expect(all(packet, { ...TSO, ...header })).toEqual({ frames: [], refusal });
  });
});

describe('single frames', () => {
  test('the checksum is completed where the header says', () => {
    const packet = tcpPacket({ payload: 101 });
    const [whole] = all(packet.slice(), { ...TSO, gsoSize: 101 }).frames;
    packet.set(whole.subarray(24, 26), 24); // the IP header's, which is the driver's business
    // What a stack leaves in TCP's field: the pseudo header's sum.
    const pseudo = 0x0a00 + 1 + 0x0a00 + 2 + 6 + 121;
    packet.set([pseudo >> 8, pseudo & 0xff], 50);
    const { frames } = all(packet, { ...TSO, gsoType: 0 });
    expect(frames).toEqual([whole]);
    expect(rightOnTheWire(frames[0])).toBe(true);
  });

  test.each<[string, Uint8Array, object, Refusal]>([
    ['runts', new Uint8Array(13), {}, 'runts'],
    ['oversize', new Uint8Array(MAXIMUM_FRAME + 1), {}, 'oversize'],
    ['a checksum outside', new Uint8Array(60), { flags: 1, checksumStart: 50, checksumOffset: 9 }, 'malformed'],
  ])('%s: refused', (_, packet, header, refusal) => {
    expect(all(packet, { ...PLAIN, ...header })).toEqual({ frames: [], refusal });
  });

  test('without a wish, it leaves as it is', () => {
    const frame = tcpPacket({ payload: 20 });
    expect(all(frame.slice(), PLAIN).frames).toEqual([frame]);
  });
});

test('whatever the packet and its header are, it comes to an end, throws nothing, and frames fit', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(3000), fc.nat(60), fc.nat(255)).map(([payload, at, value]) => {
      const packet = tcpPacket({ payload });
      packet[at] = value;
      return packet;
    }),
  );
  const u16 = fc.nat(0xffff);
  fc.assert(
    fc.property(bytes, fc.nat(255), fc.nat(5), u16, u16, u16, (packet, flags, gsoType, gsoSize, start, offset) => {
      const header = { flags, gsoType, gsoSize, checksumStart: start % 400, checksumOffset: offset % 400 };
      for (const frame of all(packet, header).frames) expect(frame.length).toBeLessThanOrEqual(MAXIMUM_FRAME);
    }),
  );
});
