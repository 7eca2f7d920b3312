// Regions made again in one module: what runs is right before, in between and after, whatever becomes of them meanwhile.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { type EngineModules, engineModules } from '../testing/engine-modules.ts';
import { adds, FunctionCaller } from '../testing/function-caller.ts';
import { BUNDLE } from './region-bundles.ts';

const FUNCTIONS = 0x10000;
const PAGE = 0x1000;
/** Enough executions for a block to become hot, and for its region to count as busy then. */
const MANY = 3000;

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

/** A few more than fit. */
const COUNT = BUNDLE + 4;
const functionAt = (n: number): number => FUNCTIONS + n * PAGE;

/** A caller with a region for each of `count` functions, which adds its number, and all of them busy. */
function withRegions(count: number): FunctionCaller {
  const caller = new FunctionCaller(modules);
  makeRegions(caller, 0, count);
  return caller;
}

function makeRegions(caller: FunctionCaller, first: number, end: number): void {
  for (let n = first; n < end; n++) {
    caller.machine.poke(functionAt(n), adds(n));
    caller.call(functionAt(n), MANY);
    caller.translator.answer();
    caller.call(functionAt(n), MANY);
  }
}

function askForBundle(caller: FunctionCaller): void {
  caller.clock.ms += 1000;
  caller.call(functionAt(0), 1);
}

const memory = ({ machine }: FunctionCaller): number => machine.counter(L.N_LIVE_REGION_MEMORY);

describe('regions that are entered often', () => {
  it('are asked for once more, in one module, and do what they did', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    expect(caller.translator.bundles.map(({ regions }) => regions.length)).toEqual([BUNDLE]);
    const [live, before] = [caller.machine.counter(L.N_LIVE_REGIONS), memory(caller)];
    await caller.translator.answerBundles();
    expect(caller.machine.counter(L.N_LIVE_REGIONS)).toBe(live);
    // A module takes more than such a function.
    expect(memory(caller)).toBeLessThan(before / 2);
    const made = caller.machine.counter(L.N_REGIONS);
    for (let n = 0; n < COUNT; n++) expect(caller.call(functionAt(n), 100)).toBe(100 * n);
    expect(caller.machine.counter(L.N_REGIONS)).toBe(made);
    askForBundle(caller);
    expect(caller.translator.bundles).toEqual([]);
  });

  it('are left where they are when that is over', () => {
    const caller = withRegions(BUNDLE / 2);
    askForBundle(caller);
    makeRegions(caller, BUNDLE / 2, COUNT);
    askForBundle(caller);
    expect(caller.translator.bundles).toEqual([]);
  });

  it('are left where they are while there are fewer', async () => {
    const caller = withRegions(BUNDLE / 2);
    askForBundle(caller);
    expect(caller.translator.bundles).toEqual([]);
  });

  it('are asked for once, and run, however long the answer takes', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    for (let n = 0; n < COUNT; n++) {
      caller.clock.ms += 1000;
      expect(caller.call(functionAt(n), 100)).toBe(100 * n);
    }
    expect(caller.translator.bundles).toHaveLength(1);
  });

  it('are not asked for again when an answer that took long has come', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    for (let n = 0; n < COUNT; n++) caller.call(functionAt(n), MANY);
    caller.clock.ms += 1000;
    caller.call(functionAt(0), 1);
    await caller.translator.answerBundles();
    caller.call(functionAt(0), 1);
    expect(caller.translator.bundles).toEqual([]);
  });

  it('go as others do when their code is written over, before the bundle comes and after', async () => {
    const caller = withRegions(COUNT);
    const rewrite = (n: number, value: number): void => {
      caller.machine.poke(functionAt(n), adds(value));
      caller.machine.executor.invalidateCode(functionAt(n), 6);
    };
    askForBundle(caller);
    rewrite(3, 1003);
    await caller.translator.answerBundles();
    rewrite(5, 1005);
    const value = (n: number): number => (n === 3 || n === 5 ? 1000 + n : n);
    for (let n = 0; n < COUNT; n++) expect(caller.call(functionAt(n), 100)).toBe(100 * value(n));
  });

  it('are not entered by a bundle that comes when all is forgotten', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    caller.machine.executor.stateReplaced();
    await caller.translator.answerBundles();
    expect([caller.machine.counter(L.N_LIVE_REGIONS), memory(caller)]).toEqual([0, 0]);
    for (let n = 0; n < COUNT; n++) expect(caller.call(functionAt(n), 10)).toBe(10 * n);
  });

  it('run on where they are when the bundle could not be made, and are not asked for again', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    await caller.translator.answerBundles((reply) => ({ ...reply, made: undefined }));
    for (let n = 0; n < COUNT; n++) expect(caller.call(functionAt(n), 100)).toBe(100 * n);
    askForBundle(caller);
    expect(caller.translator.bundles).toEqual([]);
  });

  it('stay in their modules where the same code makes another region now', async () => {
    const caller = withRegions(COUNT);
    askForBundle(caller);
    const [request] = caller.translator.bundles;
    for (const region of request!.regions.slice(0, 4)) region.instructions++;
    await caller.translator.answerBundles();
    for (let n = 0; n < COUNT; n++) expect(caller.call(functionAt(n), 100)).toBe(100 * n);
    askForBundle(caller);
    expect(caller.translator.bundles).toEqual([]);
  });
});

it('a module of which most has gone is made again for the rest', async () => {
  const caller = withRegions(COUNT);
  askForBundle(caller);
  await caller.translator.answerBundles();
  for (let n = 0; n < BUNDLE - 8; n++) {
    caller.machine.poke(functionAt(n), adds(0));
    caller.machine.executor.invalidateCode(functionAt(n), 6);
  }
  const before = memory(caller);
  caller.clock.ms += 1000;
  caller.call(functionAt(COUNT - 1), 1);
  expect(caller.translator.bundles).toHaveLength(1);
  await caller.translator.answerBundles();
  expect(memory(caller)).toBeLessThan(before);
  for (let n = BUNDLE - 8; n < COUNT; n++) expect(caller.call(functionAt(n), 100)).toBe(100 * n);
});
