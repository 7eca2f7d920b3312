// Guests with more hot code than their translations may take: regions come and go, and what the guest sees is the same.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { HOT } from '../code-cache/record-arena.ts';
import { regionMemory } from '../regions/region-budget.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { fewRegions } from './few-regions.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const STACK = 0x9000;
const TABLE = 0x4000;
const FUNCTIONS = 0x10000;
const FUNCTION_SIZE = 0x1000;
const COUNT = 12;
/** About three regions of a function. */
const FEW = fewRegions(3).most;
const LOOK_MS = 15_000;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;
beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

/** EAX = EAX * 3 + n, by memory: MOV [0x8000], EAX; LEA EAX, [EAX+EAX*2]; ADD EAX, n; RET */
const functionCode = (n: number): number[] => [0xa3, ...le32(0x8000), 0x8d, 0x04, 0x40, 0x05, ...le32(n), 0xc3];

/** A machine whose code at MAIN calls the functions of the table ECX times, all of them in turn. */
function machineWith(limits: { most: number; atRest: number }, now = (): number => 0): BareMachine {
  const machine = new BareMachine(monitor, interpreter, { translate: 'hot', translationLimits: limits }, 64, { now });
  for (let n = 0; n < COUNT; n++) {
    machine.poke(FUNCTIONS + n * FUNCTION_SIZE, functionCode(n));
    machine.pokeWord(TABLE + n * 4, FUNCTIONS + n * FUNCTION_SIZE);
  }
  machine.poke(MAIN, [
    ...[0x31, 0xd2], // again: XOR EDX, EDX
    ...[0xff, 0x14, 0x95, ...le32(TABLE)], // next: CALL [TABLE + EDX * 4]
    ...[0x42, 0x39, 0xda], // INC EDX; CMP EDX, EBX
    ...[0x75, 0xf4], // JNE next
    ...[0x49, 0x75, 0xef], // DEC ECX; JNZ again
    0xf4,
  ]);
  return machine;
}

/** Calls the first `functions` of the table in turn, `times` times; what EAX is then, from 1 on. */
function call(machine: BareMachine, functions: number, times: number): number {
  machine.setRegister(L.RSP, STACK);
  machine.setRegister(L.RAX, 1);
  machine.setRegister(L.RBX, functions);
  machine.setRegister(L.RCX, times);
  machine.run(MAIN);
  return machine.register(L.RAX);
}

function expected(functions: number, times: number): number {
  let value = 1;
  for (let n = 0; n < times * functions; n++) value = (Math.imul(value, 3) + (n % functions)) >>> 0;
  return value;
}

describe('translations of more than the budget holds', () => {
  it('are given up, and nothing else changes', () => {
    const machine = machineWith({ most: FEW, atRest: FEW });
    const times = 20 * HOT;
    expect(call(machine, COUNT, times)).toBe(expected(COUNT, times));
    expect(machine.counter(L.N_EVICTIONS)).toBeGreaterThan(COUNT);
    expect(machine.counter(L.N_LIVE_REGION_MEMORY)).toBeLessThanOrEqual(FEW);
    const { regions, live } = machine.executor.regions(100);
    expect(live).toBe(machine.counter(L.N_REGIONS) - machine.counter(L.N_EVICTIONS));
    const bytes = regions.reduce((sum, { wasmBytes }) => sum + regionMemory(wasmBytes), 0);
    expect(machine.counter(L.N_LIVE_REGION_MEMORY)).toBe(bytes);
  });

  it('come back when only some of their code is used', () => {
    const machine = machineWith({ most: FEW, atRest: FEW });
    call(machine, COUNT, 3 * HOT);
    for (let n = 0; n < 10; n++) call(machine, 1, 4 * HOT);
    const before = machine.counter(L.N_TRANSLATED);
    const instructions = machine.counter(L.N_INSTRUCTIONS);
    call(machine, 1, HOT);
    const share = (machine.counter(L.N_TRANSLATED) - before) / (machine.counter(L.N_INSTRUCTIONS) - instructions);
    expect(share).toBeGreaterThan(0.95);
  });

  it('are not made over and over', () => {
    const machine = machineWith({ most: FEW, atRest: FEW });
    call(machine, COUNT, 20 * HOT);
    const made = machine.counter(L.N_REGIONS);
    // Each further time a region has to wait twice as long: that they run as often again makes one more of each.
    call(machine, COUNT, 20 * HOT);
    expect(machine.counter(L.N_REGIONS) - made).toBeLessThanOrEqual(2 * COUNT);
  });

  it('count what ran in them though others took their slots', () => {
    const machine = machineWith({ most: FEW, atRest: FEW });
    call(machine, COUNT, 20 * HOT);
    expect(machine.executor.regions(0).executed).toBe(machine.counter(L.N_TRANSLATED));
  });
});

describe('translations that are not used any more', () => {
  it('go after a while', () => {
    let now = 0;
    const machine = machineWith({ most: 100 * FEW, atRest: FEW }, () => now);
    call(machine, COUNT, 3 * HOT);
    expect(machine.counter(L.N_LIVE_REGION_MEMORY)).toBeGreaterThan(FEW);
    for (let looks = 0; looks < 4; looks++) {
      now += LOOK_MS;
      call(machine, 1, 1);
    }
    expect(machine.counter(L.N_LIVE_REGION_MEMORY)).toBeLessThanOrEqual(FEW);
    expect(machine.counter(L.N_LIVE_REGION_MEMORY)).toBeGreaterThan(0);
    const made = machine.counter(L.N_REGIONS);
    expect(call(machine, COUNT, 3 * HOT)).toBe(expected(COUNT, 3 * HOT));
    expect(machine.counter(L.N_REGIONS)).toBeGreaterThan(made);
  });
});

it('code becomes hot again whose region went since another page of it was written', () => {
  const machine = machineWith({ most: 100 * FEW, atRest: 100 * FEW });
  // again: CALL next page; DEC ECX; JNZ again; HLT, and INC EAX; RET: one region.
  const next = MAIN + 0x1000;
  machine.poke(MAIN, [0xe8, ...le32(next - MAIN - 5), 0x49, 0x75, 0xf8, 0xf4]);
  machine.poke(next, [0x40, 0xc3]);
  call(machine, 0, 3 * HOT);
  expect(machine.executor.regions(1).regions[0]).toMatchObject({ linear: MAIN, pages: 2 });
  machine.executor.invalidateCode(next, 1);
  expect(machine.executor.regions(1).live).toBe(0);
  call(machine, 0, 3 * HOT);
  expect(machine.executor.regions(1).regions[0]).toMatchObject({ linear: MAIN, pages: 2 });
});
