// A machine in 32-bit protected mode without paging: tables with one descriptor of each kind that the tests need, and stacks
// for every level in a TSS.

import * as L from '../../abi/layout.ts';
import { CR0_PE, TestMachine } from './machine.ts';

export const GDT = 0x1000;
export const IDT = 0x2000;
export const TSS = 0x3000;
export const LDT = 0x4000;
export const STACK0 = 0x9000; // top
export const STACK3 = 0xb000;

// Access bytes of descriptors, present.
export const CODE = 0x9b;
export const CODE_EXECUTE_ONLY = 0x99;
export const CODE_CONFORMING = 0x9f;
export const DATA = 0x93;
export const DATA_READ_ONLY = 0x91;
export const DATA_EXPAND_DOWN = 0x97;
export const TSS32 = 0x89;
export const TSS16 = 0x81;
export const LDT_TYPE = 0x82;
export const CALL_GATE32 = 0x8c;
export const CALL_GATE16 = 0x84;
export const TASK_GATE = 0x85;
export const INTERRUPT_GATE32 = 0x8e;
export const TRAP_GATE32 = 0x8f;
export const INTERRUPT_GATE16 = 0x86;
export const DPL3 = 0x60;
const PRESENT = 0x80;
export const NOT_PRESENT = PRESENT; // to be xor'ed

export const KERNEL_CODE = 0x08;
export const KERNEL_DATA = 0x10;
export const USER_CODE = 0x1b;
export const USER_DATA = 0x23;
export const TASK = 0x28;
/** The first selector that a test may use as it likes. */
export const FREE = 0x40;

/** Limit in bytes; page granularity is chosen when it needs more than 20 bits. */
export function descriptor(base: number, limit: number, access: number, wide = true): bigint {
  const pages = limit > 0xfffff;
  const units = pages ? limit >>> 12 : limit;
  const flags = (pages ? 8 : 0) | (wide ? 4 : 0);
  const low = ((base & 0xffff) << 16) | (units & 0xffff);
  const high = (base & 0xff000000) | (flags << 20) | (units & 0xf0000) | (access << 8) | ((base >>> 16) & 0xff);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export function gate(selector: number, offset: number, access: number, parameters = 0): bigint {
  const low = (selector << 16) | (offset & 0xffff);
  const high = (offset & 0xffff0000) | (access << 8) | parameters;
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export class ProtectedMachine {
  readonly machine: TestMachine;

  private constructor(machine: TestMachine) {
    this.machine = machine;
  }

  /** At CPL 0 with flat segments. */
  static async create(): Promise<ProtectedMachine> {
    const machine = await TestMachine.create();
    const result = new ProtectedMachine(machine);
    result.define(KERNEL_CODE, descriptor(0, 0xffffffff, CODE));
    result.define(KERNEL_DATA, descriptor(0, 0xffffffff, DATA));
    result.define(USER_CODE, descriptor(0, 0xffffffff, CODE | DPL3));
    result.define(USER_DATA, descriptor(0, 0xffffffff, DATA | DPL3));
    result.define(TASK, descriptor(TSS, 0x67 + 0x20, TSS32));
    machine.poke32(TSS + 4, STACK0);
    machine.poke16(TSS + 8, KERNEL_DATA);
    machine.poke16(TSS + 0x66, 0xffff); // no I/O permission bitmap
    const { monitor } = machine;
    monitor.cr_write(0, CR0_PE);
    monitor.ldt_table(0, GDT, 0xff);
    monitor.ldt_table(1, IDT, 0x7ff);
    monitor.far_jump(KERNEL_CODE, 0x100, 4, 0);
    for (const n of [L.SEG_ES, L.SEG_SS, L.SEG_DS, L.SEG_FS, L.SEG_GS]) monitor.seg_load(n, KERNEL_DATA);
    machine.set32(L.RSP, STACK0);
    monitor.ltr(TASK);
    const problem = machine.takeException();
    if (problem) throw new Error(`setup raised ${JSON.stringify(problem)}`);
    machine.set32(L.LEAVE, 0);
    return result;
  }

  define(selector: number, value: bigint): void {
    this.machine.poke64(GDT + (selector & ~7), value);
  }

  defineGate(vector: number, value: bigint): void {
    this.machine.poke64(IDT + vector * 8, value);
  }

  /** Goes to CPL 3 at `ip`, as an operating system does: through IRET. */
  enterUser(ip = 0x5000, flags = 0x202): void {
    const { machine } = this;
    const frame = STACK0 - 20;
    machine.poke32(frame, ip);
    machine.poke32(frame + 4, USER_CODE);
    machine.poke32(frame + 8, flags);
    machine.poke32(frame + 12, STACK3);
    machine.poke32(frame + 16, USER_DATA);
    machine.set32(L.RSP, frame);
    machine.monitor.interrupt_return(4, 0);
    const problem = machine.takeException();
    if (problem) throw new Error(`IRET raised ${JSON.stringify(problem)}`);
    machine.set32(L.LEAVE, 0);
  }

  /** The words on the stack from `address` up. */
  words(address: number, count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.machine.peek32(address + i * 4));
  }
}
