import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import {
  CODE,
  CODE_CONFORMING,
  DPL3,
  descriptor,
  FREE,
  gate,
  IDT,
  INTERRUPT_GATE16,
  INTERRUPT_GATE32,
  KERNEL_CODE,
  KERNEL_DATA,
  NOT_PRESENT,
  ProtectedMachine,
  STACK0,
  STACK3,
  TRAP_GATE32,
  TSS,
  USER_CODE,
  USER_DATA,
} from '../testing/protected-mode.ts';

const IF = 0x200;
const TF = 0x100;
const NT = 0x4000;
const RF = 0x10000;
const VM = 0x20000;
const IOPL3 = 0x3000;

const BREAKPOINT = 3;
const DOUBLE_FAULT = 8;
const TS = 10;
const NP = 11;
const SS = 12;
const GP = 13;
const PAGE_FAULT = 14;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

const where = () => ({ cs: m.segment(L.SEG_CS).selector, ip: m.get32(L.RIP), cpl: m.get32(L.CPL) });

describe('interrupts at the same level', () => {
  it('push EFLAGS CS EIP; interrupt gates clear IF, trap gates do not', () => {
    p.defineGate(0x20, gate(KERNEL_CODE, 0xc0de1234, INTERRUPT_GATE32));
    p.defineGate(0x21, gate(KERNEL_CODE, 0x2222, TRAP_GATE32));
    m.flags = IF | TF | NT | 1;
    m.set32(L.RIP, 0x333);
    m.set32(L.RUN_STATE, L.RUN_HALTED);
    m.monitor.deliver_interrupt(0x20);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0xc0de1234, cpl: 0 });
    expect(p.words(STACK0 - 12, 3)).toEqual([0x333, KERNEL_CODE, IF | TF | NT | 3]);
    expect(m.flags).toBe(3);
    expect(m.get32(L.RUN_STATE)).toBe(L.RUN_RUNNING);
    expect(m.get64(L.N_INTERRUPTS)).toBe(1n);
    m.flags = IF;
    m.monitor.deliver_interrupt(0x21);
    expect(m.flags).toBe(IF | 2);
  });

  it('through a 16-bit gate push words', () => {
    p.defineGate(0x20, gate(KERNEL_CODE, 0x56781234, INTERRUPT_GATE16));
    m.set32(L.RIP, 0x333);
    m.monitor.deliver_interrupt(0x20);
    expect(where().ip).toBe(0x1234);
    expect([0, 2, 4].map((i) => m.peek16(STACK0 - 6 + i))).toEqual([0x333, KERNEL_CODE, 2]);
  });

  it('IRET returns', () => {
    p.defineGate(0x20, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    m.flags = IF | 1;
    m.set32(L.RIP, 0x333);
    m.monitor.deliver_interrupt(0x20);
    m.monitor.interrupt_return(4, 0);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x333, cpl: 0 });
    expect(m.flags).toBe(IF | 3);
    expect(m.get32(L.RSP)).toBe(STACK0);
  });
});

describe('interrupts from user mode', () => {
  beforeEach(() => {
    p.defineGate(0x80, gate(KERNEL_CODE, 0x4000, TRAP_GATE32 | DPL3));
    p.defineGate(0x20, gate(KERNEL_CODE, 0x4400, INTERRUPT_GATE32));
    p.defineGate(GP, gate(KERNEL_CODE, 0x4800, INTERRUPT_GATE32));
    p.enterUser();
  });

  it('change to the stack of the TSS', () => {
    m.monitor.interrupt_software(0x80, 0x5002);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4000, cpl: 0 });
    expect(p.words(STACK0 - 20, 5)).toEqual([0x5002, USER_CODE, IF | 2, STACK3, USER_DATA]);
    expect(m.get32(L.RSP)).toBe(STACK0 - 20);
    expect(m.segment(L.SEG_SS).selector).toBe(KERNEL_DATA);
    m.monitor.interrupt_return(4, 0);
    expect(where()).toEqual({ cs: USER_CODE, ip: 0x5002, cpl: 3 });
    expect(m.get32(L.RSP)).toBe(STACK3);
  });

  it('by INT n need a gate of DPL 3, by hardware and INT1 do not', () => {
    m.monitor.interrupt_software(0x20, 0x5002);
    expect(m.takeException()).toEqual({ vector: GP, error: 0x20 * 8 + 2 });
    p.defineGate(BREAKPOINT, gate(KERNEL_CODE, 0x4400, INTERRUPT_GATE32));
    m.monitor.interrupt_trap(BREAKPOINT, 0x5001);
    expect(m.takeException()).toEqual({ vector: GP, error: BREAKPOINT * 8 + 2 });
    expect(where().cpl).toBe(3);
    m.monitor.deliver_interrupt(0x20);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4400, cpl: 0 });
    p.enterUser();
    p.defineGate(1, gate(KERNEL_CODE, 0x4c00, INTERRUPT_GATE32));
    m.monitor.interrupt_icebp(0x5001);
    expect(where().ip).toBe(0x4c00);
  });

  it('deliver faults with an error code, RF set in the pushed flags and RIP at the instruction', () => {
    m.monitor.raise(GP, 0x1234, 1);
    m.monitor.deliver_fault();
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4800, cpl: 0 });
    expect(p.words(STACK0 - 24, 6)).toEqual([0x1234, 0x5000, USER_CODE, IF | RF | 2, STACK3, USER_DATA]);
    expect(m.get32(L.FAULT)).toBe(0);
    expect(m.get64(L.N_EXCEPTIONS)).toBe(1n);
    m.set32(L.RSP, STACK0 - 20); // the error code
    m.monitor.interrupt_return(4, 0);
    expect(where()).toEqual({ cs: USER_CODE, ip: 0x5000, cpl: 3 });
    expect(m.flags).toBe(IF | 2);
  });

  it('conforming handlers run at the level of the interrupted program', () => {
    p.define(FREE, descriptor(0, 0xffffffff, CODE_CONFORMING));
    p.defineGate(0x20, gate(FREE, 0x4400, INTERRUPT_GATE32));
    m.monitor.deliver_interrupt(0x20);
    expect(where()).toEqual({ cs: FREE | 3, ip: 0x4400, cpl: 3 });
    expect(m.get32(L.RSP)).toBe(STACK3 - 12);
  });

  it('IRET at level 3 changes neither IOPL nor IF', () => {
    const frame = STACK3 - 12;
    m.poke32(frame, 0x6000);
    m.poke32(frame + 4, USER_CODE);
    m.poke32(frame + 8, IOPL3 | 1);
    m.set32(L.RSP, frame);
    m.monitor.interrupt_return(4, 0);
    expect(where().ip).toBe(0x6000);
    expect(m.flags).toBe(IF | 3);
  });
});

describe('what is wrong with a gate or its handler', () => {
  const EXT = 1;
  const GATE = 0x30 * 8 + 2;

  it.each([
    ['not a gate', descriptor(0, 0, 0x82), GP, GATE],
    ['not present', gate(KERNEL_CODE, 0, INTERRUPT_GATE32 ^ NOT_PRESENT), NP, GATE],
    ['null handler', gate(0, 0, INTERRUPT_GATE32), GP, 0],
    ['data handler', gate(KERNEL_DATA, 0, INTERRUPT_GATE32), GP, KERNEL_DATA],
    ['outer handler', gate(USER_CODE, 0, INTERRUPT_GATE32), GP, USER_CODE & ~3],
    ['absent handler', gate(FREE, 0, INTERRUPT_GATE32), NP, FREE],
    ['offset beyond the limit', gate(FREE + 8, 0x100, INTERRUPT_GATE32), GP, 0],
  ])('%s', (_, value, vector, error) => {
    p.define(FREE, descriptor(0, 0xffff, CODE ^ NOT_PRESENT));
    p.define(FREE + 8, descriptor(0, 0xff, CODE));
    p.defineGate(0x30, value);
    m.monitor.interrupt_software(0x30, 0x200);
    expect(m.takeException()).toEqual({ vector, error });
    expect(m.get32(L.RSP)).toBe(STACK0);
    // The same from outside sets EXT, and is delivered as an exception of its own.
    p.defineGate(vector, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    m.monitor.deliver_interrupt(0x30);
    expect(where().ip).toBe(0x4000);
    expect(m.peek32(STACK0 - 16)).toBe(error | EXT);
  });

  it('beyond the IDT', () => {
    m.monitor.ldt_table(1, IDT, 0x17f);
    m.monitor.interrupt_software(0x30, 0x200);
    expect(m.takeException()).toEqual({ vector: GP, error: GATE });
    m.monitor.interrupt_software(0x2f, 0x200);
    expect(m.takeException()).toEqual({ vector: GP, error: 0x2f * 8 + 2 });
  });

  it('a TSS without an inner stack', () => {
    p.defineGate(0x30, gate(KERNEL_CODE, 0, INTERRUPT_GATE32 | DPL3));
    p.enterUser();
    m.poke16(TSS + 8, 0);
    m.monitor.interrupt_software(0x30, 0x200);
    expect(m.takeException()).toEqual({ vector: TS, error: 0 });
  });
});

describe('double and triple faults', () => {
  const ABSENT = gate(KERNEL_CODE, 0, INTERRUPT_GATE32 ^ NOT_PRESENT);

  it('a contributory fault while delivering a contributory one is a double fault', () => {
    p.defineGate(GP, ABSENT);
    p.defineGate(NP, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    p.defineGate(DOUBLE_FAULT, gate(KERNEL_CODE, 0x4800, INTERRUPT_GATE32));
    m.set32(L.RIP, 0x123);
    m.monitor.raise(GP, 5, 1);
    m.monitor.deliver_fault();
    expect(where().ip).toBe(0x4800);
    expect(p.words(STACK0 - 16, 2)).toEqual([0, 0x123]);
  });

  it('after a page fault too, but a fault while delivering a benign one is served on its own', () => {
    p.defineGate(PAGE_FAULT, ABSENT);
    p.defineGate(6, ABSENT);
    p.defineGate(NP, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    p.defineGate(DOUBLE_FAULT, gate(KERNEL_CODE, 0x4800, INTERRUPT_GATE32));
    m.monitor.undefined_opcode();
    m.monitor.deliver_fault();
    expect(where().ip).toBe(0x4000);
    expect(m.peek32(STACK0 - 16)).toBe(6 * 8 + 3);
    m.monitor.raise(PAGE_FAULT, 2, 1);
    m.monitor.deliver_fault();
    expect(where().ip).toBe(0x4800);
  });

  it('a page fault while delivering #GP is served as a page fault', () => {
    // The IDT's first page stays mapped, its second, with vector 0x200 on, does not matter; the handler's stack is not.
    m.poke32(0x10000, 0x11003);
    for (let page = 0; page < 16; page++) m.poke32(0x11000 + page * 4, (page << 12) | 3);
    m.monitor.cr_write(3, 0x10000);
    m.monitor.cr_write(0, 0x80000001);
    p.defineGate(GP, gate(FREE, 0x4000, INTERRUPT_GATE32));
    p.defineGate(PAGE_FAULT, gate(KERNEL_CODE, 0x4400, INTERRUPT_GATE32));
    // The handler's descriptor lies in an absent page.
    p.define(FREE, descriptor(0x800000, 0x1000, 0x82));
    m.monitor.lldt(FREE);
    p.defineGate(GP, gate(4, 0x4000, INTERRUPT_GATE32));
    m.monitor.raise(GP, 0, 1);
    m.monitor.deliver_fault();
    expect(where().ip).toBe(0x4400);
    expect(m.get32(L.CR2)).toBe(0x800000);
  });

  it('a fault while delivering a double fault shuts down with the registers of the first', () => {
    m.monitor.ldt_table(1, IDT, 0);
    m.set32(L.RIP, 0x123);
    m.monitor.raise(GP, 0, 1);
    m.monitor.deliver_fault();
    expect(m.get32(L.RUN_STATE)).toBe(L.RUN_SHUTDOWN);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x123, cpl: 0 });
    expect(m.get32(L.RSP)).toBe(STACK0);
    expect(m.get32(L.FAULT)).toBe(0);
  });

  it('a stack fault in the kernel ends in a double fault, as there is no stack to push on', () => {
    p.defineGate(SS, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    p.define(FREE, descriptor(0, 0xfff, 0x93));
    m.monitor.seg_load(L.SEG_SS, FREE);
    m.set32(L.RSP, 2);
    m.monitor.raise(SS, 0, 1);
    m.monitor.deliver_fault();
    expect(m.get32(L.RUN_STATE)).toBe(L.RUN_SHUTDOWN);
  });
});

describe('virtual-8086 mode', () => {
  const frame = STACK0 - 36;

  function enterVm86(flags: number): void {
    [0x100, 0x500, flags | VM, 0xffe0, 0x600, 0x700, 0x800, 0x900, 0xa00].forEach((value, i) => {
      m.poke32(frame + i * 4, value);
    });
    m.set32(L.RSP, frame);
    m.monitor.interrupt_return(4, 0);
    expect(m.takeException()).toBeUndefined();
  }

  it('is entered by IRET at level 0 with all segments', () => {
    enterVm86(IF);
    expect(m.get32(L.CPL)).toBe(3);
    expect(m.get32(L.MODE)).toBe(L.MODE_REAL | L.MODE_VM86 | L.MODE_USER);
    expect(m.flags).toBe(VM | IF | 2);
    expect([L.SEG_CS, L.SEG_SS, L.SEG_ES, L.SEG_DS, L.SEG_FS, L.SEG_GS].map((n) => m.segment(n).base)).toEqual([
      0x5000, 0x6000, 0x7000, 0x8000, 0x9000, 0xa000,
    ]);
    expect(m.segment(L.SEG_DS)).toMatchObject({ limit: 0xffff, read: 0xffffn, write: 0xffffn });
    expect([m.get32(L.RIP), m.get32(L.RSP)]).toEqual([0x100, 0xffe0]);
  });

  it('is left through a gate to level 0, with the segments pushed and voided', () => {
    enterVm86(IF);
    p.defineGate(0x20, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    m.monitor.deliver_interrupt(0x20);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4000, cpl: 0 });
    expect(p.words(STACK0 - 36, 9)).toEqual([0x100, 0x500, VM | IF | 2, 0xffe0, 0x600, 0x700, 0x800, 0x900, 0xa00]);
    expect(m.flags & VM).toBe(0);
    expect(m.segment(L.SEG_DS)).toMatchObject({ selector: 0, read: -1n });
    m.monitor.interrupt_return(4, 0);
    expect(m.flags & VM).toBe(VM);
    expect(m.segment(L.SEG_GS).selector).toBe(0xa00);
  });

  it('INT n and IRET need IOPL 3; INT3 does not', () => {
    enterVm86(IF);
    m.monitor.interrupt_software(0x80, 0x102);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
    m.monitor.interrupt_return(2, 0);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
    p.defineGate(BREAKPOINT, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32 | DPL3));
    m.monitor.interrupt_trap(BREAKPOINT, 0x101);
    expect(where().ip).toBe(0x4000);
  });

  it('IRET with IOPL 3 keeps IOPL and VM', () => {
    enterVm86(IOPL3);
    m.set32(L.RSP, 0x100);
    m.poke16(0x6100, 0x42);
    m.poke16(0x6102, 0x123);
    m.poke16(0x6104, 1);
    m.monitor.interrupt_return(2, 0);
    expect(m.takeException()).toBeUndefined();
    expect(m.flags).toBe(VM | IOPL3 | 3);
    expect([m.segment(L.SEG_CS).base, m.get32(L.RIP), m.get32(L.RSP)]).toEqual([0x1230, 0x42, 0x106]);
  });

  it('cannot be left to a handler of another level than 0', () => {
    enterVm86(IF);
    p.define(FREE, descriptor(0, 0xffff, CODE_CONFORMING));
    p.defineGate(0x30, gate(FREE, 0, INTERRUPT_GATE32 | DPL3));
    p.defineGate(GP, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
    m.monitor.deliver_interrupt(0x30);
    expect(m.peek32(STACK0 - 40)).toBe(FREE | 1);
  });
});

describe('real mode', () => {
  it('goes through the vector table and returns', async () => {
    m = await TestMachine.create();
    m.monitor.far_jump(0x100, 0x20, 2, 0);
    m.set32(L.RSP, 0x1000);
    m.poke32(0x21 * 4, 0x02000040);
    m.flags = IF | TF | 1;
    m.monitor.interrupt_software(0x21, 0x22);
    expect(where()).toEqual({ cs: 0x200, ip: 0x40, cpl: 0 });
    expect([0, 2, 4].map((i) => m.peek16(0xffa + i))).toEqual([0x22, 0x100, IF | TF | 3]);
    expect(m.flags).toBe(3);
    m.monitor.interrupt_return(2, 0);
    expect(where()).toEqual({ cs: 0x100, ip: 0x22, cpl: 0 });
    expect(m.flags).toBe(IF | TF | 3);
  });

  it('delivers faults without an error code', async () => {
    m = await TestMachine.create();
    m.set32(L.RSP, 0x1000);
    m.poke32(GP * 4, 0x02000040);
    m.monitor.raise(GP, 0, 1);
    m.monitor.deliver_fault();
    expect(m.get32(L.RSP)).toBe(0xffa);
  });
});
