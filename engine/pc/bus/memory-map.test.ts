import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemoryWindow } from '../../base/memory-window.ts';
import { changedRanges, LAYER_CHIPSET, LAYER_PCI, LAYER_RAM, MemoryMap } from './memory-map.ts';

const PAGES = 40;

/** What reads and writes of a page reach. */
function at(windows: readonly MemoryWindow[], page: number): [unknown, unknown] {
  const window = windows.find(({ first, pages }) => first <= page && page < first + pages);
  const offset = page - (window?.first ?? 0);
  return [window?.reads, window?.writes].map((start) => (typeof start === 'number' ? start + offset : start)) as [
    unknown,
    unknown,
  ];
}

const target = fc.oneof(fc.nat({ max: 20 }), fc.constant(undefined));
const window = fc.record({
  first: fc.nat({ max: PAGES - 1 }),
  pages: fc.nat({ max: 12 }),
  reads: target,
  writes: fc.oneof(target, fc.constant('dropped' as const)),
});

test('at each page the highest layer counts, and the list has no overlaps', () => {
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 6 }), (windows) => {
      let map: readonly MemoryWindow[] = [];
      const memoryMap = new MemoryMap((now) => {
        map = now;
      });
      for (const [n, one] of windows.entries()) memoryMap.set(`${n}`, n, [one]);
      for (let page = 0; page < PAGES + 12; page++) {
        const covers = ({ first, pages }: MemoryWindow) => first <= page && page < first + pages;
        expect(at(map, page)).toEqual(at(windows.filter(covers).slice(-1), page));
        expect(map.filter(covers).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('what continues is one window', () => {
  const lists: (readonly MemoryWindow[])[] = [];
  const map = new MemoryMap((windows) => lists.push(windows));
  map.set('RAM', LAYER_RAM, [{ first: 0, pages: 100, reads: 0, writes: 0 }]);
  map.set('card', LAYER_PCI, [{ first: 200, pages: 8, reads: 100, writes: 100 }]);
  map.set('ROM', LAYER_CHIPSET, [{ first: 50, pages: 10, reads: 50, writes: 50 }]);
  expect(lists.at(-1)).toEqual([
    { first: 0, pages: 100, reads: 0, writes: 0 },
    { first: 200, pages: 8, reads: 100, writes: 100 },
  ]);
  map.set('card', LAYER_PCI, []);
  expect(lists.at(-1)).toHaveLength(1);
  expect(lists).toHaveLength(4);
  map.set('card', LAYER_PCI, []);
  expect(lists).toHaveLength(4);
});

test('a change names the pages at which something else is seen, and no others', () => {
  fc.assert(
    fc.property(fc.array(window, { maxLength: 3 }), fc.array(window, { maxLength: 3 }), (before, after) => {
      const flat = (windows: readonly MemoryWindow[]): readonly MemoryWindow[] => {
        let list: readonly MemoryWindow[] = [];
        const map = new MemoryMap((now) => {
          list = now;
        });
        for (const [n, one] of windows.entries()) map.set(`${n}`, n, [one]);
        return list;
      };
      const [old, now] = [flat(before), flat(after)];
      const changed = changedRanges(old, now);
      for (let page = 0; page < PAGES + 12; page++) {
        const named = changed.some(([first, pages]) => first <= page && page < first + pages);
        expect(named).toBe(JSON.stringify(at(old, page)) !== JSON.stringify(at(now, page)));
      }
    }),
  );
});
