// A bare machine with what privilege levels need: page tables, a GDT, a TSS, and an IDT whose gates lead to code of the test's,
// or to a HLT that shows which exception came. A driver runs in ring 0 or 3 and calls code under test in two pages that
// follow each other by linear address and lie apart in memory.
//
// Registers: the driver and the code under test have EAX and ECX to themselves; ring 0 code of the test may use EBX.

import * as L from '../abi/layout.ts';
import type { ExecutorTuning } from '../executor/executor.ts';
import { BareMachine, type MachineOptions } from './bare-machine.ts';
import type { EngineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

// Guest-physical and, identity-mapped, linear. The driver's page belongs to the level it runs at.
const DRIVER = 0x1000;
const GDT = 0x2000;
const IDT = 0x2800;
const TSS = 0x3000;
const ENTER = 0x4000;
const HALTS = 0x4100;
const GATES = 0x5000;
const GATE_SIZE = 0x100;
const STACK0 = 0x7ff0;
const STACK = 0x8ff0;
const DIRECTORY = 0x9000;
const LOW_TABLE = 0xa000;
const CODE_TABLE = 0xb000;
/** Dwords that ring 0 code of the test may write to. */
export const NOTES = 0xc000;
/** A little more than 1 MiB: address line A20 makes a difference. */
const PAGES = 0x140;

/** Linear addresses of the code under test. */
export const FIRST_PAGE = 0x401000;
export const SECOND_PAGE = 0x402000;
/** Where it lies unless the test maps it elsewhere. */
export const FIRST_FRAME = 0x20000;
export const SECOND_FRAME = 0x30000;

/** Vectors of the driver's calls into ring 0; END halts. */
export const END = 0x80;
export const PAGE_FAULT = 14;

const PRESENT = 1;
const WRITABLE = 2;
const USER = 4;
const CR0 = 0x80040033; // PG, AM, NE, ET, MP, PE
const SELECTORS = [
  { code: 0x08, data: 0x10 },
  { code: 0x1b, data: 0x23 },
] as const;

export interface Privileged {
  ring: 0 | 3;
  tuning: ExecutorTuning;
  more?: MachineOptions;
}

export class PrivilegedMachine {
  readonly bare: BareMachine;
  readonly #ring: 0 | 3;

  constructor({ monitor, interpreter }: EngineModules, { ring, tuning, more }: Privileged) {
    this.#ring = ring;
    this.bare = new BareMachine(monitor, interpreter, tuning, PAGES, more);
    this.#buildTables();
  }

  #buildTables(): void {
    const { bare } = this;
    bare.pokeWord(DIRECTORY, LOW_TABLE | PRESENT | WRITABLE | USER);
    bare.pokeWord(DIRECTORY + 4, CODE_TABLE | PRESENT | WRITABLE | USER);
    for (let page = 0; page < PAGES; page++) bare.pokeWord(LOW_TABLE + page * 4, (page << 12) | PRESENT | WRITABLE);
    if (this.#ring === 3)
      for (const page of [DRIVER, STACK & ~0xfff])
        bare.pokeWord(LOW_TABLE + (page >>> 12) * 4, page | PRESENT | WRITABLE | USER);
    bare.pokeWord(pteOf(FIRST_PAGE), FIRST_FRAME | PRESENT | WRITABLE | USER);
    bare.pokeWord(pteOf(SECOND_PAGE), SECOND_FRAME | PRESENT | WRITABLE | USER);
    const descriptor = (index: number, base: number, limit: number, access: number, flags: number): void => {
      bare.pokeWord(GDT + index * 8, (limit & 0xffff) | (base << 16));
      bare.pokeWord(GDT + index * 8 + 4, (base >>> 16) | (access << 8) | (limit & 0xf0000) | (flags << 20));
    };
    descriptor(1, 0, 0xfffff, 0x9b, 0xc);
    descriptor(2, 0, 0xfffff, 0x93, 0xc);
    descriptor(3, 0, 0xfffff, 0xfb, 0xc);
    descriptor(4, 0, 0xfffff, 0xf3, 0xc);
    for (let vector = 0; vector < 32; vector++) this.#gate(vector, HALTS + vector, 0);
    bare.poke(HALTS, new Uint8Array(END + 1).fill(0xf4));
    this.#gate(END, HALTS + END, 3);
    bare.pokeWord(TSS + 4, STACK0);
    bare.pokeWord(TSS + 8, SELECTORS[0].data);
    // The I/O permission bitmap begins beyond the limit: ring 3 reaches ports by IOPL.
    bare.pokeWord(TSS + 100, 0x68 << 16);
    bare.setRegister(L.SEG + L.SEG_TR * L.SEG_SIZE + L.SEG_BASE, TSS);
    bare.setRegister(L.SEG + L.SEG_TR * L.SEG_SIZE + L.SEG_LIMIT, 0x67);
    bare.setRegister(L.SEG + L.SEG_TR * L.SEG_SIZE + L.SEG_ATTR, 0x8b);
    bare.setRegister(L.GDTR_BASE, GDT);
    bare.setRegister(L.GDTR_LIMIT, 0x27);
    bare.setRegister(L.IDTR_BASE, IDT);
    bare.setRegister(L.IDTR_LIMIT, 0x7ff);
    bare.setRegister(L.CR3, DIRECTORY);
    bare.setRegister(L.CR0, CR0);
    bare.executor.stateReplaced();
  }

  #gate(vector: number, handler: number, privilege: number): void {
    this.bare.pokeWord(IDT + vector * 8, (SELECTORS[0].code << 16) | (handler & 0xffff));
    this.bare.pokeWord(IDT + vector * 8 + 4, (handler & 0xffff0000) | ((0x8e | (privilege << 5)) << 8));
  }

  /** INT `vector`, from either ring, runs `code` in ring 0 and returns. */
  service(vector: number, code: readonly number[]): void {
    const at = GATES + (vector & 0xf) * GATE_SIZE;
    this.bare.poke(at, [0x53, ...code, 0x5b, 0xcf]); // PUSH EBX; …; POP EBX; IRET
    this.#gate(vector, at, 3);
  }

  /** A page fault is noted (CR2, error code, EIP, EAX at its time, from NOTES on), `repair` runs, and the instruction is tried again. */
  onPageFault(repair: readonly number[]): void {
    const at = GATES + PAGE_FAULT * GATE_SIZE;
    const note = (n: number): number[] => [0x89, 0x1d, ...le32(NOTES + n * 4)]; // MOV [NOTES + 4n], EBX
    const slot = (distance: number): number[] => [0x8b, 0x5c, 0x24, distance]; // MOV EBX, [ESP + distance]
    this.bare.poke(at, [
      ...[0x53, 0x0f, 0x20, 0xd3, ...note(0)], // PUSH EBX; MOV EBX, CR2
      ...[...slot(4), ...note(1), ...slot(8), ...note(2)],
      ...[0xa3, ...le32(NOTES + 12)], // MOV [NOTES + 12], EAX
      ...[0xff, 0x05, ...le32(NOTES + 16)], // INC dword [NOTES + 16]
      ...[...repair, 0x5b, 0x83, 0xc4, 0x04, 0xcf], // …; POP EBX; ADD ESP, 4; IRET
    ]);
    this.#gate(PAGE_FAULT, at, 0);
  }

  get pageFaults(): { address: number; error: number; eip: number; eax: number; count: number } {
    const [address, error, eip, eax, count] = [0, 1, 2, 3, 4].map((n) => this.bare.word(NOTES + n * 4));
    return { address: address!, error: error!, eip: eip!, eax: eax!, count: count! };
  }

  /** Runs `driver`, which ends with INT END, at its level. Throws if an exception ends it; the result is EAX, 0 at first. */
  run(driver: readonly number[], flags = 0x3002): number {
    const { code, data } = SELECTORS[this.#ring === 0 ? 0 : 1];
    const { bare } = this;
    bare.poke(DRIVER, driver);
    bare.executor.invalidateCode(DRIVER, 0x1000);
    const frame = [...[0x68, ...le32(flags)], ...[0x6a, code], ...[0x68, ...le32(DRIVER)], 0xcf];
    // MOV EBX, data; MOV DS, EBX; MOV ES, EBX; from ring 3 PUSH EBX; PUSH STACK; then the frame of IRET.
    const segments = [0xbb, ...le32(data), 0x8e, 0xdb, 0x8e, 0xc3];
    bare.poke(ENTER, [...segments, ...(this.#ring === 3 ? [0x53, 0x68, ...le32(STACK)] : []), ...frame]);
    bare.setRegister(L.RSP, this.#ring === 3 ? STACK0 : STACK);
    bare.setRegister(L.RAX, 0);
    bare.run(ENTER);
    const vector = bare.register(L.RIP) - HALTS - 1;
    if (vector !== END) throw new Error(`exception ${vector} after EAX ${bare.register(L.RAX)} at ${this.#stacked()}`);
    return bare.register(L.RAX);
  }

  #stacked(): string {
    const esp = this.bare.register(L.RSP);
    return [0, 4, 8].map((at) => this.bare.word(esp + at).toString(16)).join(' ');
  }

  /** Calls `target` so many times, from wherever in the driver. */
  static calls(target: number, times: number, between: readonly number[] = []): (at: number) => number[] {
    return (at) => {
      const loop = at + 5;
      const call = [0xe8, ...le32(target - (loop + 5))];
      const length = call.length + between.length + 1;
      return [0xb9, ...le32(times), ...call, ...between, 0x49, 0x0f, 0x85, ...le32(-(length + 6))];
    };
  }

  /** Puts parts one behind the other, from the driver's start. */
  static driver(...parts: (readonly number[] | ((at: number) => number[]))[]): number[] {
    const code: number[] = [];
    for (const part of parts) code.push(...(typeof part === 'function' ? part(DRIVER + code.length) : part));
    return [...code, 0xcd, END];
  }
}

/** Guest-physical address of the page-table entry of a linear address of the code under test. */
export function pteOf(linear: number): number {
  return CODE_TABLE + ((linear >>> 12) & 1023) * 4;
}

/** Sets bits of CR4; in ring 0. */
export function setCr4(bits: number): number[] {
  // MOV EBX, CR4; OR EBX, bits; MOV CR4, EBX
  return [0x0f, 0x20, 0xe3, 0x81, 0xcb, ...le32(bits), 0x0f, 0x22, 0xe3];
}
