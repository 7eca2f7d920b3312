// Blocks that end with a change of the privilege level become hot as others do, though behind them their page is out of reach: the
// supervisor may not fetch from pages of user mode (SMEP), user mode not from the supervisor's.

import { expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { FIRST_FRAME, FIRST_PAGE, PrivilegedMachine, setCr4 } from './privileged-machine.ts';

const { calls, driver } = PrivilegedMachine;

const PREPARE = 0x81;
const SERVICE = 0x82;
const SMEP = 1 << 20;
/** Calls until all is translated that will be, and calls more than that. */
const ENOUGH = 10_000;
const MORE = 10_000;

it.each([
  { name: 'without SMEP', prepare: [] },
  { name: 'with SMEP', prepare: setCr4(SMEP) },
])('system calls and their returns are translated $name', async ({ prepare }) => {
  const modules = await engineModules();
  const interpreted = (times: number): number => {
    const machine = build(modules, prepare);
    expect(machine.run(driver([0xcd, PREPARE], calls(FIRST_PAGE, times)))).toBe(times);
    return machine.bare.counter(L.N_INSTRUCTIONS) - machine.bare.counter(L.N_TRANSLATED);
  };
  // Less than one instruction in ten calls.
  expect(interpreted(ENOUGH + MORE) - interpreted(ENOUGH)).toBeLessThan(MORE / 10);
});

/** INC EAX; INT SERVICE; RET in the first page. */
function build(modules: EngineModules, prepare: readonly number[]): PrivilegedMachine {
  const machine = new PrivilegedMachine(modules, { ring: 3, tuning: { translate: 'hot' } });
  machine.service(PREPARE, prepare);
  machine.service(SERVICE, [0x90]);
  machine.bare.poke(FIRST_FRAME, [0x40, 0xcd, SERVICE, 0xc3]);
  return machine;
}
