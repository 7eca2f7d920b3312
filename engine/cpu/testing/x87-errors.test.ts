// x87 errors while CR0.NE is clear: the CPU stands before the next instruction that waits for the x87 until an interrupt is taken, or goes on
// while the machine says so (Intel SDM vol. 1 §8.7.2). In interpreted and in translated code.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const HANDLER = 0x2000;
const IDT = 0x3000;
const GDT = 0x3800;
const ERRORS = 0x4000;
const DONE = 0x4004;
const CONTROL = 0x4010;
const STACK = 0x9000;
const CR0 = 0x11;
const NE = 0x20;
const IF = 0x200;

/** fninit; fldcw [CONTROL], which unmasks divisions by zero */
const UNMASK = [0xdb, 0xe3, 0xd9, 0x2d, ...le32(CONTROL)];
/** fld1; fldz; fdivp */
const DIVIDE = [0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9];
const FWAIT = [0x9b];
const FLD1 = [0xd9, 0xe8];
const MOVQ = [0x0f, 0x6f, 0xc1];
const FNCLEX = [0xdb, 0xe2];
const STI = [0xfb];
const HLT = [0xf4];
const IRET = [0xcf];
const incDword = (address: number) => [0xff, 0x05, ...le32(address)];
/** out F0h, al */
const HANDLED = [0xe6, 0xf0];

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

function setUp(handler: number[], cr0 = CR0): BareMachine {
  const machine = new BareMachine(modules.monitor, modules.interpreter, {});
  machine.pokeWord(CONTROL, 0x37b);
  machine.poke(HANDLER, handler);
  machine.poke(GDT + 8, [0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0]);
  // What the bare machine's interrupt controller answers, and #MF.
  for (const vector of [0, 16]) machine.poke(IDT + vector * 8, [HANDLER & 0xff, HANDLER >> 8, 8, 0, 0, 0x8e, 0, 0]);
  machine.setRegister(L.CR0, cr0);
  machine.executor.stateReplaced();
  machine.setRegister(L.GDTR_BASE, GDT);
  machine.setRegister(L.GDTR_LIMIT, 15);
  machine.setRegister(L.IDTR_BASE, IDT);
  machine.setRegister(L.IDTR_LIMIT, 0x1ff);
  machine.setRegister(L.RSP, STACK);
  return machine;
}

function start(machine: BareMachine, code: number[]): void {
  machine.poke(MAIN, [...code, ...HLT]);
  machine.setRegister(L.RIP, MAIN);
}

/** Runs to the next exit that is not the end of a slice. */
function run(machine: BareMachine): number {
  for (;;) {
    const reason = machine.executor.run(1000);
    if (reason !== L.EXIT_SLICE) return reason;
  }
}

const interrupt = (machine: BareMachine, level: boolean) =>
  machine.setRegister(L.DOORBELL, level ? L.DOORBELL_INTR : 0);

describe('an x87 error with CR0.NE clear', () => {
  it.each([
    ['FWAIT', FWAIT],
    ['an x87 instruction', FLD1],
    ['an MMX instruction', MOVQ],
  ])('has the CPU stand before %s, as often as it is run', (_, waits) => {
    const machine = setUp([]);
    const before = [...UNMASK, ...DIVIDE];
    start(machine, [...before, ...waits, ...incDword(DONE)]);
    for (let n = 0; n < 3; n++) {
      expect(run(machine)).toBe(L.EXIT_FPU_ERROR);
      expect(machine.register(L.RIP)).toBe(MAIN + before.length);
    }
    expect(machine.word(DONE)).toBe(0);
  });

  it('is past when the handler of an interrupt has cleared it', () => {
    const machine = setUp([...incDword(ERRORS), ...HANDLED, ...FNCLEX, ...IRET]);
    machine.onPortWrite = () => interrupt(machine, false);
    start(machine, [...UNMASK, ...STI, ...DIVIDE, ...FLD1, ...incDword(DONE)]);
    expect(run(machine)).toBe(L.EXIT_FPU_ERROR);
    interrupt(machine, true);
    expect(run(machine)).toBe(L.EXIT_HALT);
    expect([machine.word(ERRORS), machine.word(DONE)]).toEqual([1, 1]);
  });

  it('takes the interrupt between STI and the instruction behind it', () => {
    const machine = setUp([...incDword(ERRORS), ...HANDLED, ...FNCLEX, ...IRET]);
    machine.onPortWrite = () => interrupt(machine, false);
    start(machine, [...UNMASK, ...DIVIDE, ...STI, ...FWAIT, ...incDword(DONE)]);
    expect(run(machine)).toBe(L.EXIT_FPU_ERROR);
    interrupt(machine, true);
    expect(run(machine)).toBe(L.EXIT_HALT);
    expect([machine.word(ERRORS), machine.word(DONE)]).toEqual([1, 1]);
  });

  it('is ignored while the machine says so, up to the next', () => {
    const machine = setUp([]);
    start(machine, [...UNMASK, ...DIVIDE, ...FLD1, ...FWAIT, ...FNCLEX, ...incDword(DONE), ...DIVIDE, ...FLD1]);
    expect(run(machine)).toBe(L.EXIT_FPU_ERROR);
    machine.setRegister(L.FPU_IGNNE, 1);
    expect(run(machine)).toBe(L.EXIT_FPU_ERROR);
    expect(machine.word(DONE)).toBe(1);
    expect(machine.register(L.FPU_IGNNE)).toBe(0);
  });

  it('is one of translated code too', () => {
    const machine = setUp([...incDword(ERRORS), ...HANDLED, ...FNCLEX, ...IRET]);
    machine.onPortWrite = () => interrupt(machine, false);
    // fninit and on, 3000 times
    const body = [...UNMASK, ...DIVIDE, ...FLD1, ...incDword(DONE), 0x49];
    start(machine, [...STI, 0xb9, ...le32(3000), ...body, 0x0f, 0x85, ...le32(-(body.length + 6) >>> 0)]);
    let stood = 0;
    for (let reason = run(machine); reason !== L.EXIT_HALT; reason = run(machine)) {
      expect(reason).toBe(L.EXIT_FPU_ERROR);
      stood++;
      interrupt(machine, true);
    }
    expect([stood, machine.word(ERRORS), machine.word(DONE)]).toEqual([3000, 3000, 3000]);
    expect(machine.counter(L.N_TRANSLATED)).toBeGreaterThan(2 * 3000);
  });
});

it('is #MF with CR0.NE set', () => {
  const machine = setUp([...incDword(ERRORS), ...FNCLEX, ...IRET], CR0 | NE);
  start(machine, [...UNMASK, ...STI, ...DIVIDE, ...FLD1, ...incDword(DONE)]);
  expect(run(machine)).toBe(L.EXIT_HALT);
  expect([machine.word(ERRORS), machine.word(DONE)]).toEqual([1, 1]);
  expect(machine.register(L.SYSFLAGS) & IF).toBe(IF);
});
