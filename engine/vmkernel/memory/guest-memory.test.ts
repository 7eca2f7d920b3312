import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { MachineMemory } from './machine-memory.ts';
import { VmMemory } from './vm-memory.ts';

function guest() {
  return new VmMemory(new MachineMemory(16), { memoryMiB: 4, arenaSize: PAGE_SIZE }).guest;
}

/** The numbers of the bits set. */
function pagesOf(bitmap: Uint32Array): number[] {
  return [...bitmap].flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => i * 32 + bit).filter((page) => (word >>> (page & 31)) & 1),
  );
}

describe('GuestMemory', () => {
  it('reads back what was written, across scattered machine pages', () => {
    const memory = guest();
    const model = new Uint8Array(memory.size);
    fc.assert(
      fc.property(
        fc.nat({ max: memory.size - 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 3 * PAGE_SIZE }),
        (at, bytes) => {
          const physical = Math.min(at, memory.size - bytes.length);
          memory.write(physical, bytes);
          model.set(bytes, physical);
          const from = Math.max(0, physical - 10);
          const length = Math.min(bytes.length + 20, memory.size - from);
          expect(memory.read(from, length)).toEqual(model.slice(from, from + length));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('writes nothing when the end lies outside of RAM', () => {
    const memory = guest();
    expect(() => memory.write(memory.size - 2, Uint8Array.of(1, 2, 3))).toThrow(RangeError);
    expect(memory.log.touchedPages()).toBe(0);
    expect(() => memory.read(-1, 1)).toThrow(RangeError);
  });

  it('knows zero pages, touched or not', () => {
    const memory = guest();
    expect(memory.isZero(3)).toBe(true);
    memory.write(3 * PAGE_SIZE + 4095, Uint8Array.of(1));
    expect(memory.isZero(3)).toBe(false);
    memory.write(3 * PAGE_SIZE + 4095, Uint8Array.of(0));
    expect(memory.isZero(3)).toBe(true);
  });

  it('makes pages zero without touching those that are', () => {
    const memory = guest();
    memory.writePage(2, new Uint8Array(PAGE_SIZE).fill(9));
    memory.zeroPage(2);
    memory.zeroPage(4);
    expect(memory.isZero(2)).toBe(true);
    expect(memory.log.wasTouched(2)).toBe(true);
    expect(memory.log.wasTouched(4)).toBe(false);
  });

  it('clears to the state of power-on', () => {
    const memory = guest();
    memory.write(10 * PAGE_SIZE, new Uint8Array(2 * PAGE_SIZE).fill(3));
    memory.log.open().take();
    memory.clear();
    expect(memory.log.touchedPages()).toBe(0);
    expect(memory.read(10 * PAGE_SIZE, 2 * PAGE_SIZE).every((byte) => byte === 0)).toBe(true);
  });
});

describe('DirtyLog', () => {
  it('gives each written page once, and remembers all of them as touched', () => {
    const { log } = guest();
    const client = log.open();
    for (const page of [0, 31, 32, 1023]) log.mark(page);
    expect(client.count()).toBe(4);
    expect(pagesOf(client.take())).toEqual([0, 31, 32, 1023]);
    log.mark(5);
    expect(log.touchedPages()).toBe(5);
    expect(pagesOf(client.take())).toEqual([5]);
    expect(pagesOf(client.take())).toEqual([]);
    expect(client.count()).toBe(0);
    expect(log.touchedPages()).toBe(5);
    expect(log.wasTouched(31)).toBe(true);
    expect(log.wasTouched(6)).toBe(false);
  });

  it('tells each client what was written since it came, whatever the others take', () => {
    const { log } = guest();
    log.mark(1);
    const first = log.open();
    log.mark(2);
    const second = log.open();
    log.mark(3);
    expect(pagesOf(first.take())).toEqual([2, 3]);
    log.mark(4);
    expect(second.count()).toBe(2);
    expect(pagesOf(second.take())).toEqual([3, 4]);
    second.close();
    log.mark(5);
    expect(pagesOf(first.take())).toEqual([4, 5]);
    expect(log.touchedPages()).toBe(5);
  });

  it('takes a range and leaves the rest, for everybody', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 1023 })),
        fc.nat({ max: 1023 }),
        fc.nat({ max: 300 }),
        (written, first, most) => {
          const { log } = guest();
          const [display, migration] = [log.open(), log.open()];
          for (const page of written) log.mark(page);
          const pages = Math.min(most, 1024 - first);
          const inside = (page: number) => page >= first && page < first + pages;
          const sorted = written.toSorted((a, b) => a - b);
          expect(pagesOf(display.take(first, pages))).toEqual(sorted.filter(inside));
          expect(pagesOf(display.take())).toEqual(sorted.filter((page) => !inside(page)));
          expect(pagesOf(migration.take())).toEqual(sorted);
        },
      ),
      { numRuns: 200 },
    );
  });
});
