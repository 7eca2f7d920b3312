import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../isa/layout.ts';
import { type Code, CodeCache, codeKey, jumpCacheIndex } from './code-cache.ts';

const PAGE_SIZE = 4096;
const PAGES = 6;
const MODE = L.MODE_CS32;

/** Code from `start` on; what reaches into the next page has its second range there. */
function codeAt(start: number, size: number, mode = MODE): Code {
  const border = start - (start % PAGE_SIZE) + PAGE_SIZE;
  const end = start + size;
  const ranges =
    end <= border
      ? [{ start, end }]
      : [
          { start, end: border },
          { start: border, end },
        ];
  return { key: codeKey(start, mode), ranges, records: 1, region: 0, secondPage: end <= border ? -1 : border };
}

function setUp(): { cache: CodeCache; codeMap: Uint8Array; marked: number[] } {
  const codeMap = new Uint8Array(PAGES);
  const marked: number[] = [];
  return { cache: new CodeCache(codeMap, (physical) => marked.push(physical >>> 12)), codeMap, marked };
}

describe('CodeCache', () => {
  it('finds code by address and mode', () => {
    const { cache } = setUp();
    const code = codeAt(0x1234, 10);
    cache.add(code);
    expect(cache.find(0x1234, MODE)).toBe(code);
    expect(cache.find(0x1234, MODE | L.MODE_USER)).toBeUndefined();
    expect(cache.find(0x1235, MODE)).toBeUndefined();
  });

  it('drops exactly the code that a write touches', () => {
    const { cache } = setUp();
    const [first, second, third] = [codeAt(0x1000, 16), codeAt(0x1010, 16), codeAt(0x1018, 16)];
    for (const code of [first, second, third]) cache.add(code!);
    expect(cache.invalidate(0x1020, 1)).toEqual([third]);
    expect(cache.invalidate(0x0ff0, 16)).toEqual([]);
    expect(cache.invalidate(0x100f, 2)).toEqual([first, second]);
    expect(cache.size).toBe(0);
  });

  it('drops code that crosses into the next page by a write to either page, and once only', () => {
    const cases = [
      [0x1fff, 1],
      [0x2000, 1],
      [0x1ffe, 8],
    ] as const;
    for (const [physical, size] of cases) {
      const { cache, codeMap } = setUp();
      const code = codeAt(0x1ffa, 10);
      cache.add(code);
      expect([...codeMap]).toEqual([0, 1, 1, 0, 0, 0]);
      expect(cache.invalidate(physical, size)).toEqual([code]);
      expect([...codeMap]).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });

  it('has the write tags of a page taken away when the first code is read from it, not again for the next', () => {
    const { cache, marked } = setUp();
    cache.add(codeAt(0x1000, 4));
    cache.add(codeAt(0x1100, 4));
    expect(marked).toEqual([1]);
    cache.invalidate(0x1000, PAGE_SIZE);
    cache.add(codeAt(0x1000, 4));
    expect(marked).toEqual([1, 1]);
  });

  it('marks no page beyond the memory, but keeps its code', () => {
    const { cache, codeMap } = setUp();
    const code = codeAt(0xfffffff0, 16);
    cache.add(code);
    expect([...codeMap]).not.toContain(1);
    expect(cache.find(0xfffffff0, MODE)).toBe(code);
    expect(cache.invalidate(0xfffffff8, 1)).toEqual([code]);
  });

  it('keeps regions when the records go', () => {
    const { cache, codeMap } = setUp();
    const interpreted = codeAt(0x1000, 4);
    const translated = { ...codeAt(0x2000, 4), region: 7 };
    cache.add(interpreted);
    cache.add(translated);
    cache.forgetRecords();
    expect(cache.find(0x1000, MODE)).toBeUndefined();
    expect(cache.find(0x2000, MODE)).toMatchObject({ region: 7, records: 0 });
    expect([...codeMap]).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it('takes a page for data after many writes with no code read between', () => {
    const { cache } = setUp();
    const writesUntilData = (): number => {
      for (let writes = 1; writes < 1000; writes++) if (cache.countWrite(0x1800)) return writes;
      return Number.POSITIVE_INFINITY;
    };
    cache.add(codeAt(0x1000, 4));
    const patience = writesUntilData();
    expect(patience).toBeGreaterThan(1);
    for (let writes = 0; writes < 1000; writes++) expect(cache.countWrite(0x2800)).toBe(false);
    cache.add(codeAt(0x1100, 4));
    expect(writesUntilData()).toBe(patience);
  });

  it('is what a list of codes would be, through any sequence of changes; the code map always says which pages have code', () => {
    const place = fc.record({
      start: fc.nat(PAGES * PAGE_SIZE - 64).map((n) => n & ~3),
      size: fc.integer({ min: 1, max: 60 }),
    });
    const change = fc.oneof(
      { weight: 4, arbitrary: place.map((at) => ({ kind: 'add' as const, ...at })) },
      { weight: 2, arbitrary: place.map((at) => ({ kind: 'write' as const, ...at })) },
      {
        weight: 1,
        arbitrary: fc
          .nat(PAGES - 1)
          .map((page) => ({ kind: 'write' as const, start: page * PAGE_SIZE, size: PAGE_SIZE })),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, start: 0, size: 0 }) },
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const { cache, codeMap } = setUp();
        let model: Code[] = [];
        for (const { kind, start, size } of changes) {
          const touched = (code: Code): boolean =>
            code.ranges.some((range) => range.start < start + size && start < range.end);
          if (kind === 'add' && !cache.find(start, MODE)) {
            const code = codeAt(start, size);
            cache.add(code);
            model.push(code);
          } else if (kind === 'write') {
            expect(new Set(cache.invalidate(start, size))).toEqual(new Set(model.filter(touched)));
            model = model.filter((code) => !touched(code));
          } else if (kind === 'clear') {
            expect(new Set(cache.clear())).toEqual(new Set(model));
            model = [];
          }
          const pages = new Set(model.flatMap(({ ranges }) => ranges.map((range) => range.start >>> 12)));
          expect([...codeMap]).toEqual(Array.from({ length: PAGES }, (_, page) => +pages.has(page)));
          expect(cache.size).toBe(model.length);
        }
      }),
    );
  });
});

describe('jumpCacheIndex', () => {
  it('stays within the cache and gives single instructions places of their own', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (linear) => {
        const index = jumpCacheIndex(linear, MODE);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(index).toBeLessThan(L.JC_ENTRIES);
        expect(jumpCacheIndex(linear, MODE | L.MODE_SINGLE)).not.toBe(index);
      }),
    );
  });
});
