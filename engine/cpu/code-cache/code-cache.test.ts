import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { type Block, CodeCache, codeKey, type Region } from './code-cache.ts';

const PAGE_SIZE = 4096;
const PAGES = 6;
const MODE = L.MODE_CS32;

/** Code from `start` on; what reaches into the next page has its second range there. */
function codeAt(start: number, size: number, mode = MODE): Block {
  const border = start - (start % PAGE_SIZE) + PAGE_SIZE;
  const end = start + size;
  const ranges =
    end <= border
      ? [{ start, end }]
      : [
          { start, end: border },
          { start: border, end },
        ];
  return { kind: 'block', key: codeKey(start, mode), ranges, records: 1, secondPage: end <= border ? -1 : border };
}

/** A region of one page that can be entered at these addresses. */
function regionAt(slot: number, ...starts: number[]): Region {
  return {
    kind: 'region',
    slot,
    instructions: starts.length,
    ranges: starts.map((start) => ({ start, end: start + 4 })),
    pages: [{ delta: 0, physical: starts[0]! & ~0xfff }],
    starts: new Set(starts),
    entries: new Map(starts.map((start, place) => [codeKey(start, MODE), place])),
  };
}

function setUp(): { cache: CodeCache; codeMap: Uint8Array; marked: number[] } {
  const codeMap = new Uint8Array(PAGES);
  const marked: number[] = [];
  return {
    cache: new CodeCache({ codeMap, memoryPage: (page) => page, onPageMarked: (page) => marked.push(page) }),
    codeMap,
    marked,
  };
}

describe('CodeCache', () => {
  it('finds code by address and mode', () => {
    const { cache } = setUp();
    const code = codeAt(0x1234, 10);
    cache.addBlock(code);
    expect(cache.block(0x1234, MODE)).toBe(code);
    expect(cache.block(0x1234, MODE | L.MODE_USER)).toBeUndefined();
    expect(cache.block(0x1235, MODE)).toBeUndefined();
  });

  it('drops exactly the code that a write touches', () => {
    const { cache } = setUp();
    const [first, second, third] = [codeAt(0x1000, 16), codeAt(0x1010, 16), codeAt(0x1018, 16)];
    for (const code of [first, second, third]) cache.addBlock(code!);
    expect(cache.invalidate(0x1020, 1)).toEqual([third]);
    expect(cache.invalidate(0x0ff0, 16)).toEqual([]);
    expect(cache.invalidate(0x100f, 2)).toEqual([first, second]);
    for (const start of [0x1000, 0x1010, 0x1018]) expect(cache.block(start, MODE)).toBeUndefined();
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
      cache.addBlock(code);
      expect([...codeMap]).toEqual([0, 1, 1, 0, 0, 0]);
      expect(cache.invalidate(physical, size)).toEqual([code]);
      expect([...codeMap]).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });

  it('has the write tags of a page taken away when the first code is read from it, not again for the next', () => {
    const { cache, marked } = setUp();
    cache.addBlock(codeAt(0x1000, 4));
    cache.addBlock(codeAt(0x1100, 4));
    expect(marked).toEqual([1]);
    cache.invalidate(0x1000, PAGE_SIZE);
    cache.addBlock(codeAt(0x1000, 4));
    expect(marked).toEqual([1, 1]);
  });

  it('marks no page beyond the memory, but keeps its code', () => {
    const { cache, codeMap } = setUp();
    const code = codeAt(0xfffffff0, 16);
    cache.addBlock(code);
    expect([...codeMap]).not.toContain(1);
    expect(cache.block(0xfffffff0, MODE)).toBe(code);
    expect(cache.invalidate(0xfffffff8, 1)).toEqual([code]);
  });

  it('keeps regions and the blocks named when the others go', () => {
    const { cache, codeMap } = setUp();
    const region = regionAt(7, 0x2000);
    const [going, staying, translated] = [codeAt(0x1000, 4), codeAt(0x3000, 4), codeAt(0x2000, 4)];
    for (const block of [going, staying, translated]) cache.addBlock(block!);
    cache.addRegion(region);
    expect([...cache.untranslatedBlocks()]).toEqual([going, staying]);
    cache.keepBlocks(new Set([staying!]));
    expect(cache.block(0x1000, MODE)).toBeUndefined();
    expect(cache.block(0x2000, MODE)).toBeUndefined();
    expect(cache.block(0x3000, MODE)).toBe(staying);
    expect(cache.entry(0x2000, MODE)).toEqual({ region, word: 0 });
    expect([...codeMap]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it('finds a region by each of its entries, until a write to any of its code', () => {
    const { cache } = setUp();
    const region = regionAt(7, 0x2000, 0x2100);
    cache.addRegion(region);
    expect(cache.entry(0x2100, MODE)).toEqual({ region, word: 1 });
    expect(cache.entry(0x2100, MODE | L.MODE_USER)).toBeUndefined();
    expect(cache.invalidate(0x2003, 1)).toEqual([region]);
    expect(cache.entry(0x2000, MODE)).toBeUndefined();
    expect(cache.entry(0x2100, MODE)).toBeUndefined();
  });

  it('gives the entries of older regions to a newer one; a region without any goes', () => {
    const { cache } = setUp();
    const [first, second] = [regionAt(1, 0x1000, 0x1100), regionAt(2, 0x1100, 0x1200)];
    expect(cache.addRegion(first!)).toEqual([]);
    expect(cache.addRegion(second!)).toEqual([]);
    expect(cache.entry(0x1000, MODE)?.region).toBe(first);
    expect(cache.entry(0x1100, MODE)?.region).toBe(second);
    const third = regionAt(3, 0x1100, 0x1200, 0x1300);
    expect(cache.addRegion(third)).toEqual([second]);
    expect(cache.invalidate(0x1000, 4)).toEqual([first]);
    expect(cache.entry(0x1100, MODE)?.region).toBe(third);
  });

  it('knows what has run: blocks, and blocks inside of regions', () => {
    const { cache } = setUp();
    cache.addBlock(codeAt(0x1000, 4));
    cache.addRegion({ ...regionAt(1, 0x2000), starts: new Set([0x2000, 0x2040]) });
    expect([0x1000, 0x2000, 0x2040].map((start) => cache.hasRun(start, MODE))).toEqual([true, true, true]);
    expect([0x1001, 0x2041].map((start) => cache.hasRun(start, MODE))).toEqual([false, false]);
    expect([...cache.blocksOf(0x1000, MODE)].map(({ physical }) => physical)).toEqual([0x1000]);
    expect([...cache.blocksOf(0x1000, MODE | L.MODE_USER)]).toEqual([]);
  });

  it('takes a page for data after many writes with no code read between', () => {
    const { cache } = setUp();
    const writesUntilData = (): number => {
      for (let writes = 1; writes < 1000; writes++) if (cache.countWrite(0x1800)) return writes;
      return Number.POSITIVE_INFINITY;
    };
    cache.addBlock(codeAt(0x1000, 4));
    const patience = writesUntilData();
    expect(patience).toBeGreaterThan(1);
    for (let writes = 0; writes < 1000; writes++) expect(cache.countWrite(0x2800)).toBe(false);
    cache.addBlock(codeAt(0x1100, 4));
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
        let model: Block[] = [];
        for (const { kind, start, size } of changes) {
          const touched = (code: Block): boolean =>
            code.ranges.some((range) => range.start < start + size && start < range.end);
          if (kind === 'add' && !cache.block(start, MODE)) {
            const code = codeAt(start, size);
            cache.addBlock(code);
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
          for (const code of model) expect(cache.block(code.ranges[0]!.start, MODE)).toBe(code);
        }
      }),
    );
  });
});
