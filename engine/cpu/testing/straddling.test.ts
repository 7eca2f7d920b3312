// Accesses that one check stands for and that lie in two pages: the region is left each time, until it is rebuilt.

import { beforeEach, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const FUNCTION = 0x2000;
/** The return address is the first word of a page. */
const STACK = 0x9004;
const BELOW = STACK - 16;
const TIMES = 60_000;
/** Executions until code is hot, and exits until the JavaScript side is notified (cpu/monitor/dispatch/dispatch.ts). */
const WARM_UP = 2000;
const TOLD_AFTER = 16_384;

let machine: BareMachine;
let time: number;

beforeEach(async () => {
  const { monitor, interpreter } = await engineModules();
  time = 0;
  machine = new BareMachine(monitor, interpreter, { translate: 'hot' }, undefined, { now: () => time });
  machine.poke(MAIN, [
    ...[0xb9, ...le32(TIMES)], // MOV ECX, TIMES
    ...[0xe8, ...le32(FUNCTION - MAIN - 10)], // again: CALL
    ...[0x49, 0x75, 0xf8], // DEC ECX; JNZ again
    0xf4,
  ]);
  machine.poke(FUNCTION, [
    ...[0x83, 0xec, 0x0c], // SUB ESP, 12
    ...[0x03, 0x04, 0x24], // ADD EAX, [ESP]
    ...[0x83, 0xc4, 0x0c], // ADD ESP, 12
    0xc3,
  ]);
  machine.pokeWord(BELOW, 3);
});

/** How often the region was left for what it met in memory. */
function exitsOfRun(): number {
  const before = machine.counter(L.N_EXITS_MISS);
  machine.setRegister(L.RAX, 0);
  machine.setRegister(L.RSP, STACK);
  machine.run(MAIN);
  expect(machine.register(L.RAX)).toBe(3 * TIMES);
  return machine.counter(L.N_EXITS_MISS) - before;
}

it('a block that straddles two pages does so no longer once it is known to', () => {
  const exits = exitsOfRun();
  expect(exits).toBeGreaterThanOrEqual(TOLD_AFTER);
  expect(exits).toBeLessThan(TOLD_AFTER + WARM_UP);
  expect(exitsOfRun()).toBeLessThan(WARM_UP);
});

it('what was known is forgotten after a while: other accesses may be made by then', () => {
  exitsOfRun();
  time = 60_000;
  expect(exitsOfRun()).toBeGreaterThanOrEqual(TOLD_AFTER);
});
