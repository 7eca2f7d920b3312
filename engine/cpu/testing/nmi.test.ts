// NMIs: taken whatever EFLAGS.IF says, out of HLT too, and one at a time until IRET (Intel SDM vol. 3 §6.7).

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const HANDLER = 0x2000;
const IDT = 0x3000;
const GDT = 0x3800;
const COUNT = 0x4000;
const DURING = 0x4004;
const DONE = 0x4008;
const STACK = 0x9000;

/** Asks for an NMI: out 10h, al. */
const NMI = [0xe6, 0x10];
/** jmp to the next instruction: the end of a block. */
const NEXT = [0xeb, 0];
const HLT = [0xf4];
const IRET = [0xcf];
const incDword = (address: number) => [0xff, 0x05, ...le32(address)];
/** mov eax, [from]; mov [to], eax */
const copyDword = (from: number, to: number) => [0xa1, ...le32(from), 0xa3, ...le32(to)];
/** cmp dword [COUNT], n; jae over what follows */
const unlessCounted = (n: number, code: number[]) => [0x83, 0x3d, ...le32(COUNT), n, 0x73, code.length, ...code];

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

function setUp(main: number[], handler: number[]): BareMachine {
  const machine = new BareMachine(modules.monitor, modules.interpreter, {});
  machine.poke(MAIN, main);
  machine.poke(HANDLER, handler);
  machine.poke(GDT + 8, [0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0]);
  machine.poke(IDT + 2 * 8, [HANDLER & 0xff, HANDLER >> 8, 8, 0, 0, 0x8e, 0, 0]);
  machine.setRegister(L.GDTR_BASE, GDT);
  machine.setRegister(L.GDTR_LIMIT, 15);
  machine.setRegister(L.IDTR_BASE, IDT);
  machine.setRegister(L.IDTR_LIMIT, 0x1ff);
  machine.setRegister(L.RSP, STACK);
  machine.onPortWrite = () => machine.setRegister(L.DOORBELL, machine.register(L.DOORBELL) | L.DOORBELL_NMI);
  return machine;
}

describe('an NMI', () => {
  it('is taken with interrupts disabled, and ends HLT', () => {
    const machine = setUp([...NMI, ...HLT, ...incDword(DONE), ...HLT], [...incDword(COUNT), ...IRET]);
    machine.run(MAIN);
    expect([machine.word(COUNT), machine.word(DONE)]).toEqual([1, 1]);
    expect([machine.register(L.DOORBELL), machine.register(L.NMI_BLOCKED)]).toEqual([0, 0]);
  });

  it('waits for the IRET of the one before, and no more than one waits', () => {
    const again = unlessCounted(2, [...NMI, ...NMI, ...NEXT, ...copyDword(COUNT, DURING)]);
    const machine = setUp([...NMI, ...HLT, ...HLT], [...incDword(COUNT), ...again, ...IRET]);
    machine.run(MAIN);
    expect([machine.word(COUNT), machine.word(DURING)]).toEqual([2, 1]);
  });

  it('that waits does not stop a string instruction of the handler', () => {
    // mov ecx, 1000h; mov edi, 5000h; rep stosb
    const fill = [0xb9, ...le32(0x1000), 0xbf, ...le32(0x5000), 0xf3, 0xaa];
    const again = unlessCounted(2, [...NMI, ...fill]);
    const machine = setUp([0xb0, 0x55, ...NMI, ...HLT, ...HLT], [...incDword(COUNT), ...again, ...IRET]);
    machine.run(MAIN);
    expect([machine.word(COUNT), machine.word(0x5ffc)]).toEqual([2, 0x55555555]);
  });

  it('no longer waits once an IRET has faulted', () => {
    const faulting = [...incDword(COUNT), ...unlessCounted(2, [...NMI, 0x6a, 0x7c, 0x6a, 0x7c, 0x6a, 0x7c]), ...IRET];
    const machine = setUp([...NMI, ...HLT, ...incDword(DONE), ...HLT], faulting);
    const protection = 0x2800;
    machine.poke(IDT + 13 * 8, [protection & 0xff, protection >> 8, 8, 0, 0, 0x8e, 0, 0]);
    // add esp, 28 (error code, frame, the three words pushed); iret, to where the first NMI came
    machine.poke(protection, [...NEXT, ...copyDword(COUNT, DURING), 0x83, 0xc4, 28, ...IRET]);
    machine.run(MAIN);
    expect([machine.word(DURING), machine.word(DONE)]).toEqual([2, 1]);
  });
});
