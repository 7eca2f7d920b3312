// Translating beside the vCPU: what runs is right at every moment, whenever the region comes, and if it never does.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { type EngineModules, engineModules } from '../testing/engine-modules.ts';
import { adds, FunctionCaller } from '../testing/function-caller.ts';

const FUNCTIONS = 0x3000;
const OTHER_PAGES = 0x10000;
/** Enough executions for a block to become hot. */
const MANY = 2500;

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

function setUp(): FunctionCaller {
  return new FunctionCaller(modules);
}

describe('a region that is made elsewhere', () => {
  it('is run when it has come; until then the interpreter goes on', () => {
    const { machine, translator, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    expect(call(FUNCTIONS, MANY)).toBe(3 * MANY);
    expect(translator.asked).toBeGreaterThan(0);
    expect(machine.counter(L.N_TRANSLATED)).toBe(0);
    translator.answer();
    expect(machine.counter(L.N_REGIONS)).toBeGreaterThan(0);
    expect(call(FUNCTIONS, MANY)).toBe(3 * MANY);
    expect(machine.counter(L.N_TRANSLATED)).toBeGreaterThan(MANY);
  });

  it('is asked for once, whichever of its blocks becomes hot', () => {
    const { machine, translator, call } = setUp();
    // JMP to the next instruction, four times, then the function.
    const jumps = [0xeb, 0x00];
    machine.poke(FUNCTIONS, [...jumps, ...jumps, ...jumps, ...jumps, ...adds(1)]);
    call(FUNCTIONS, 4 * MANY);
    // One for the function, one for the loop that calls it.
    expect(translator.asked).toBeLessThanOrEqual(2);
  });

  it('is not used if its code was written over meanwhile, and is asked for again', () => {
    const { machine, translator, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    call(FUNCTIONS, MANY);
    machine.poke(FUNCTIONS, adds(5));
    machine.executor.invalidateCode(FUNCTIONS, 6);
    translator.answer();
    expect(call(FUNCTIONS, 2 * MANY)).toBe(5 * 2 * MANY);
    translator.answer();
    expect(call(FUNCTIONS, MANY)).toBe(5 * MANY);
    expect(machine.counter(L.N_TRANSLATED)).toBeGreaterThan(MANY);
  });

  it('goes as any other when its code is written over later', () => {
    const { machine, translator, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    call(FUNCTIONS, MANY);
    translator.answer();
    machine.poke(FUNCTIONS, adds(7));
    machine.executor.invalidateCode(FUNCTIONS, 6);
    expect(call(FUNCTIONS, 10)).toBe(70);
  });

  it('is not used by a machine that has been reset, or whose state was replaced', () => {
    const { machine, translator, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    call(FUNCTIONS, MANY);
    machine.executor.stateReplaced();
    translator.answer();
    expect(machine.counter(L.N_REGIONS)).toBe(0);
    expect(call(FUNCTIONS, 10)).toBe(30);
  });

  it('says when it could not be made', () => {
    const { machine, translator, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    call(FUNCTIONS, MANY);
    expect(() => translator.answer((reply) => ({ ...reply, region: undefined, error: 'no room' }))).toThrow('no room');
  });
});

describe('a translator that is slow', () => {
  it('is not waited for: the vCPU makes the region itself, and the late one is not used', () => {
    const { machine, translator, clock, call } = setUp();
    machine.poke(FUNCTIONS, adds(3));
    call(FUNCTIONS, MANY);
    expect(machine.counter(L.N_REGIONS)).toBe(0);
    clock.ms += 1000;
    expect(call(FUNCTIONS, MANY)).toBe(3 * MANY);
    const made = machine.counter(L.N_REGIONS);
    expect(made).toBeGreaterThan(0);
    translator.answer();
    expect(machine.counter(L.N_REGIONS)).toBe(made);
    expect(call(FUNCTIONS, MANY)).toBe(3 * MANY);
  });

  it('is not asked for more than it can have on its way', () => {
    const { machine, translator, call } = setUp();
    for (let n = 0; n < 40; n++) {
      machine.poke(OTHER_PAGES + n * 0x1000, adds(n));
      expect(call(OTHER_PAGES + n * 0x1000, MANY)).toBe(n * MANY);
    }
    expect(translator.asked).toBeLessThan(20);
    expect(machine.counter(L.N_REGIONS)).toBeGreaterThan(20);
  });
});
