import { beforeEach, describe, expect, it } from 'vitest';
import type { Region } from '../code-cache/code-cache.ts';
import { RegionBudget, regionMemory } from './region-budget.ts';

const WASM_BYTES = 1024;
const EACH = regionMemory(WASM_BYTES);
const BUSY = 500_000;

let executed: Map<number, number>;
beforeEach(() => {
  executed = new Map();
});

function regionOf(slot: number): Region {
  return { kind: 'region', slot, instructions: 1, ranges: [], pages: [], starts: new Set(), entries: new Map() };
}

/** A budget for `most` regions, and `atRest` of them in which nothing runs. */
function budgetFor(most: number, atRest = most): RegionBudget {
  return new RegionBudget({ most: most * EACH, atRest: atRest * EACH }, (slot) => executed.get(slot) ?? 0);
}

function run(slots: Iterable<number>, instructions = BUSY): void {
  for (const slot of slots) executed.set(slot, (executed.get(slot) ?? 0) + instructions);
}

/** Adds regions with slots from `first` on; those that had to go are removed and given back, as slots. */
function fill(budget: RegionBudget, first: number, count: number, whileFilling = (): void => {}): number[] {
  const gone: number[] = [];
  for (let slot = first; slot < first + count; slot++) {
    whileFilling();
    budget.add(regionOf(slot), WASM_BYTES);
    for (const region of budget.excess()) {
      budget.remove(region);
      gone.push(region.slot);
    }
  }
  return gone.sort((a, b) => a - b);
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n);

describe('the budget for translations', () => {
  it('lets everything stay that is within it', () => {
    expect(fill(budgetFor(8), 0, 8)).toEqual([]);
  });

  it('gives up a quarter when it is full, what ran least by its size first', () => {
    const budget = budgetFor(8);
    fill(budget, 0, 8);
    run([0, 1, 2, 4, 6, 7]);
    run([5], 1000);
    // Of those that are alike the oldest.
    expect(fill(budget, 8, 1)).toEqual([0, 3, 5]);
  });

  it('never gives up the last one, even if it is too large by itself', () => {
    const budget = budgetFor(2);
    fill(budget, 0, 2);
    budget.add(regionOf(2), 100 * WASM_BYTES);
    expect(budget.excess().map(({ slot }) => slot)).toEqual([0, 1]);
  });

  it('gives up the code of a phase that is over, however hot it was', () => {
    const budget = budgetFor(40);
    const boot = numbers(0, 30);
    fill(budget, 0, 30, () => run(boot, 1_000_000_000));
    // From now on ten regions are in use all the time, and one after the other comes and goes.
    fill(budget, 100, 10);
    const gone = fill(budget, 200, 60, () => run(numbers(100, 10), 2_000_000));
    expect(boot.filter((slot) => !gone.includes(slot))).toEqual([]);
    expect(gone.filter((slot) => slot >= 100 && slot < 110)).toEqual([]);
  });

  it('is kept whatever comes', () => {
    const budget = budgetFor(8);
    const gone = fill(budget, 0, 1000, () => run(numbers(0, 1000)));
    expect(1000 - gone.length).toBeLessThanOrEqual(8);
  });
});

describe('at rest', () => {
  it('what is not in use goes, as much as is too much', () => {
    const budget = budgetFor(10, 4);
    fill(budget, 0, 10);
    run(numbers(0, 10));
    budget.unused();
    run(numbers(0, 6), 100);
    expect(budget.unused()).toEqual([]);
    run([2], 100_000);
    const gone = budget.unused().map(({ slot }) => slot);
    expect(gone).toHaveLength(6);
    expect(gone).not.toContain(2);
  });

  it('what is in use stays', () => {
    const budget = budgetFor(10, 4);
    fill(budget, 0, 10);
    for (let look = 0; look < 5; look++) {
      run(numbers(0, 10));
      expect(budget.unused()).toEqual([]);
    }
  });
});

describe('regions of one module', () => {
  const bundled = (count: number): { budget: RegionBudget; regions: Region[] } => {
    const budget = budgetFor(100);
    const regions = numbers(0, count).map(regionOf);
    for (const region of regions) budget.add(region, WASM_BYTES);
    expect(budget.bundle(regions.map((region) => ({ region, wasmBytes: WASM_BYTES })))).toBe(count * EACH);
    return { budget, regions };
  };

  it('take less than each in its own', () => {
    const { budget } = bundled(10);
    expect(budget.bytes).toBe(10 * regionMemory(WASM_BYTES, 10));
    expect(budget.bytes).toBeLessThan(5 * EACH);
  });

  it('keep it until the last of them is gone', () => {
    const { budget, regions } = bundled(10);
    const { bytes } = budget;
    const [last, ...others] = regions as [Region, ...Region[]];
    expect(others.map((region) => budget.remove(region))).toEqual(others.map(() => 0));
    expect(budget.bytes).toBe(bytes);
    expect(budget.remove(last)).toBe(bytes);
    expect(budget.bytes).toBe(0);
  });

  it('are scattered when most of it is not used', () => {
    const { budget, regions } = bundled(10);
    for (const region of regions.slice(0, 5)) budget.remove(region);
    expect(budget.scattered()).toEqual([]);
    budget.remove(regions[5]!);
    expect(budget.scattered()).toEqual(regions.slice(6));
  });

  it('count against the limits by themselves', () => {
    const { budget, regions } = bundled(10);
    const left = regions.slice(0, 2);
    for (const region of regions.slice(2)) budget.remove(region);
    fill(budget, 50, 98);
    expect(budget.excess()).toEqual([]);
    expect(left.every((region) => budget.has(region))).toBe(true);
  });
});
