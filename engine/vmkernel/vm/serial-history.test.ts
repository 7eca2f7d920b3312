import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from '../vcpu/output-buffer.ts';
import { SerialHistory } from './serial-history.ts';

const CAPACITY = 256 * 1024;

describe('SerialHistory', () => {
  it('keeps the last 256 KiB with their position, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100_000 }), { maxLength: 12 }), (sizes) => {
        const history = new SerialHistory();
        const all: number[] = [];
        for (const size of sizes) {
          const piece = Uint8Array.from({ length: size }, (_, i) => (all.length + i) % 251);
          for (const byte of piece) all.push(byte);
          history.append(piece);
        }
        const kept = all.slice(-CAPACITY);
        expect(history.end).toBe(all.length);
        const { position, bytes } = history.read();
        expect(position).toBe(all.length - kept.length);
        expect(Buffer.compare(bytes, Uint8Array.from(kept))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('takes a piece larger than itself', () => {
    const history = new SerialHistory();
    history.append(Uint8Array.from({ length: CAPACITY + 10 }, (_, i) => i % 7));
    const { position, bytes } = history.read();
    expect(position).toBe(10);
    expect(bytes[0]).toBe(10 % 7);
    expect(bytes.length).toBe(CAPACITY);
  });

  it('goes on with the numbers after another power-on and after restoring', () => {
    const history = new SerialHistory();
    history.append(Uint8Array.of(1, 2, 3));
    history.markPowerOn();
    expect(history.read()).toEqual({ position: 3, bytes: new Uint8Array(0), end: 3 });
    // A reader that was not done yet goes on.
    expect(history.read(1)).toEqual({ position: 1, bytes: Uint8Array.of(2, 3), end: 3 });
    history.append(Uint8Array.of(4));
    const other = new SerialHistory();
    other.restore(history.save());
    other.append(Uint8Array.of(5));
    expect(other.read()).toEqual({ position: 3, bytes: Uint8Array.of(4, 5), end: 5 });
  });

  it('is read in pieces from any position', () => {
    const history = new SerialHistory();
    const all = Uint8Array.from({ length: CAPACITY + 100_000 }, (_, i) => i % 251);
    history.append(all);
    fc.assert(
      fc.property(fc.nat({ max: all.length + 10 }), fc.integer({ min: 1, max: 70_000 }), (position, limit) => {
        const chunk = history.read(position, limit);
        const from = Math.min(Math.max(position, all.length - CAPACITY), all.length);
        expect([chunk.position, chunk.end]).toEqual([from, all.length]);
        expect(Buffer.compare(chunk.bytes, all.subarray(from, from + limit))).toBe(0);
      }),
    );
  });
});

describe('OutputBuffer', () => {
  it('hands over in one piece what was pushed in several, and numbers it', () => {
    const buffer = new OutputBuffer(7);
    expect(buffer.take()).toBeUndefined();
    buffer.push(Uint8Array.of(1));
    buffer.push(Uint8Array.of(2, 3));
    expect(buffer.take()).toEqual({ position: 7, bytes: Uint8Array.of(1, 2, 3) });
    expect(buffer.take()).toBeUndefined();
    buffer.push(Uint8Array.of(4));
    expect(buffer.take()).toEqual({ position: 10, bytes: Uint8Array.of(4) });
  });
});
