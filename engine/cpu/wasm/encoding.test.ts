import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from './encoding.ts';

function written(write: (writer: ByteWriter) => void): number[] {
  const writer = new ByteWriter(1);
  write(writer);
  return [...writer.view()];
}

/** LEB128 read back by its definition: seven bits a byte, least significant first; the last byte's bit 6 is the sign. */
function readLeb(bytes: readonly number[], signed: boolean): bigint {
  let value = 0n;
  bytes.forEach((byte, index) => {
    expect(byte >= 0x80).toBe(index < bytes.length - 1);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
  });
  const negative = signed && (bytes[bytes.length - 1]! & 0x40) !== 0;
  return negative ? value - (1n << BigInt(7 * bytes.length)) : value;
}

describe('ByteWriter', () => {
  it('writes the numbers that DWARF 4, figures 22 and 23, give as examples of LEB128', () => {
    expect(written((w) => w.u32(2))).toEqual([2]);
    expect(written((w) => w.u32(127))).toEqual([0x7f]);
    expect(written((w) => w.u32(128))).toEqual([0x80, 1]);
    expect(written((w) => w.u32(12857))).toEqual([0xb9, 0x64]);
    expect(written((w) => w.s32(-2))).toEqual([0x7e]);
    expect(written((w) => w.s32(127))).toEqual([0xff, 0]);
    expect(written((w) => w.s32(-127))).toEqual([0x81, 0x7f]);
    expect(written((w) => w.s32(128))).toEqual([0x80, 1]);
    expect(written((w) => w.s32(-129))).toEqual([0xff, 0x7e]);
  });

  it('writes unsigned 32-bit numbers that read back, in at most five bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat(0xffffffff),
          fc.nat(31).map((n) => (1 << n) >>> 0),
        ),
        (value) => {
          const bytes = written((w) => w.u32(value));
          expect(bytes.length).toBeLessThanOrEqual(5);
          expect(readLeb(bytes, false)).toBe(BigInt(value));
        },
      ),
    );
  });

  it('writes signed 32- and 64-bit numbers that read back, in as few bytes as their bits need', () => {
    const shortest = (value: bigint): number => {
      let bytes = 1;
      while (BigInt.asIntN(7 * bytes, value) !== value) bytes++;
      return bytes;
    };
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const bytes = written((w) => w.s32(value));
        expect(readLeb(bytes, true)).toBe(BigInt(value));
        expect(bytes.length).toBe(shortest(BigInt(value)));
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
        const bytes = written((w) => w.s64(value));
        expect(readLeb(bytes, true)).toBe(value);
        expect(bytes.length).toBe(shortest(value));
      }),
    );
  });

  it('keeps what was written when it grows', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 })), (parts) => {
        expect(
          written((w) => {
            for (const part of parts) w.raw(part);
          }),
        ).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
  });

  it('writes names as UTF-8 with their length in bytes', () => {
    expect(written((w) => w.name('µs'))).toEqual([3, 0xc2, 0xb5, 0x73]);
  });

  it('starts again after clear', () => {
    const writer = new ByteWriter();
    writer.u8(1);
    writer.clear();
    writer.u8(2);
    expect([...writer.view()]).toEqual([2]);
  });
});
