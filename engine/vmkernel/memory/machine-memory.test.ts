import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { MachineMemory, OutOfMemoryError } from './machine-memory.ts';

const RESERVED_PAGES = 16;

describe('MachineMemory', () => {
  it('never hands out the first 64 KiB', () => {
    const host = new MachineMemory(1);
    const addresses = Array.from({ length: host.usablePages }, () => host.allocatePage());
    expect(Math.min(...addresses)).toBe(RESERVED_PAGES * PAGE_SIZE);
    expect(host.freePages).toBe(0);
  });

  it('says what is needed and what is free', () => {
    const host = new MachineMemory(8);
    host.allocateRange(5 * 1024 * 1024);
    expect(() => host.allocateRange(4 * 1024 * 1024)).toThrow(new OutOfMemoryError('needs 4 MiB, 2 MiB free'));
  });

  it('refuses to free what is not allocated', () => {
    const host = new MachineMemory(1);
    const page = host.allocatePage();
    host.freePage(page);
    expect(() => host.freePage(page)).toThrow(RangeError);
    expect(() => host.freePage(0)).toThrow(RangeError);
  });

  it('refuses sizes that no memory has', () => {
    for (const size of [0, -1, 0.5, 4096]) expect(() => new MachineMemory(size)).toThrow(RangeError);
  });

  it('keeps room in one piece for ranges while single pages come and go', () => {
    const host = new MachineMemory(4);
    const pages = Array.from({ length: 500 }, () => host.allocatePage());
    for (const page of pages.filter((_, i) => i % 2 === 0)) host.freePage(page);
    expect(() => host.allocateRange(500 * PAGE_SIZE)).not.toThrow();
  });

  it('never hands out a page twice, hands out zeros, and leaks nothing', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('page' as const) }),
      fc.record({ kind: fc.constant('range' as const), bytes: fc.integer({ min: 1, max: 20 * PAGE_SIZE }) }),
      fc.record({ kind: fc.constant('free' as const), pick: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const host = new MachineMemory(1);
        const bytes = new Uint8Array(host.memory.buffer);
        const held: { address: number; size: number }[] = [];
        for (const action of steps) {
          if (action.kind === 'free') {
            const [block] = held.splice(action.pick % Math.max(1, held.length), 1);
            if (block) host.freeRange(block.address, block.size);
            continue;
          }
          const size = action.kind === 'page' ? PAGE_SIZE : action.bytes;
          const rounded = Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
          try {
            const address = action.kind === 'page' ? host.allocatePage() : host.allocateRange(size);
            for (const other of held) {
              expect(address + rounded <= other.address || other.address + other.size <= address).toBe(true);
            }
            expect(bytes.subarray(address, address + rounded).every((byte) => byte === 0)).toBe(true);
            bytes.fill(0xa5, address, address + rounded);
            held.push({ address, size: rounded });
          } catch (error) {
            expect(error).toBeInstanceOf(OutOfMemoryError);
          }
        }
        const inUse = held.reduce((sum, block) => sum + block.size / PAGE_SIZE, 0);
        expect(host.freePages).toBe(host.usablePages - inUse);
        for (const block of held) host.freeRange(block.address, block.size);
        expect(() => host.allocateRange(host.usablePages * PAGE_SIZE)).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});
