import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addPages, allPages, countPages, eachPage } from './page-set.ts';

it('all pages of a VM, and none beyond', () => {
  for (const pages of [1, 31, 32, 33, 64, 100]) {
    expect([...eachPage(allPages(pages))]).toEqual(Array.from({ length: pages }, (_, page) => page));
    expect(countPages(allPages(pages))).toBe(pages);
  }
});

it('lists, counts and joins any sets', () => {
  const numbers = fc.uniqueArray(fc.nat(199));
  fc.assert(
    fc.property(numbers, numbers, (some, more) => {
      const [set, other] = [some, more].map((pages) => {
        const bits = new Uint32Array(7);
        for (const page of pages) bits[page >> 5] |= 1 << (page & 31);
        return bits;
      });
      expect([...eachPage(set)]).toEqual([...some].sort((a, b) => a - b));
      addPages(set, other);
      expect(countPages(set)).toBe(new Set([...some, ...more]).size);
    }),
  );
});
