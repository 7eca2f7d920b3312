// A bare machine in which single instructions run as user code: page tables, a GDT, an IDT whose every gate leads to HLT and
// IRET in ring 0, and the vectors' memory (vectors/environment.ts). Not part of the product: the CPU tests run on it.

import type { Result } from '../../../vectors/compare.ts';
import {
  CODE_BASE,
  CODE_SIZE,
  DATA_PAGES,
  FS_BASE,
  INT3,
  PAGE_SIZE,
  pagePattern,
} from '../../../vectors/environment.ts';
import type { Registers, Vector } from '../../../vectors/loader.ts';
import { onlyRam } from '../../base/memory-window.ts';
import { canonicalFlags } from '../abi/eflags.ts';
import * as L from '../abi/layout.ts';
import { storeMemoryMap } from '../abi/memory-windows.ts';
import { createExecutor, type ExecutorTuning } from '../executor/executor.ts';
import type { Executor } from '../executor/executor-api.ts';
import { LatePages } from './late-pages.ts';

const MEMORY_PAGES = 768;
const CPU = 0x10000;
const P2M_TABLE = 0x50000;
const CODE_MAP = 0x58000;
const ARENA = 0x100000;
const ARENA_SIZE = 0x500000;
const GUEST_RAM = 0x800000;
const GUEST_PAGES = 0x800;

// Guest-physical places, apart from the identity-mapped user pages of the vectors.
const DIRECTORY = 0x700000;
const FIRST_TABLE = 0x701000;
const GDT = 0x710000;
const IDT = 0x711000;
const TSS = 0x712000;
const HANDLERS = 0x713000;
const RING0_STACK_TOP = 0x715000;

const PRESENT = 1;
const WRITABLE = 2;
const USER = 4;

/** HLT; IRETD. */
const HALT_AND_RETURN = [0xf4, 0xcf];

const USER_CODE = 0x1b;
const USER_DATA = 0x23;
const USER_FS = 0x33;
/** The debug registers after RESET. */
const DR6_NONE = 0xffff0ff0;
const DR7_NONE = 0x400;
const RF = 0x10000;

export class VectorMachine {
  readonly #memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly executor: Executor;
  #warm = false;
  /** Opcodes that raised #UD for want of a definition. */
  readonly missing: string[] = [];

  /** Pages come late: all are absent when code is loaded, and some go again while it runs. */
  readonly late: LatePages | undefined;

  constructor(
    monitorModule: WebAssembly.Module,
    interpreterModule: WebAssembly.Module,
    tuning: ExecutorTuning,
    seed?: number,
  ) {
    this.#memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
    this.#view = new DataView(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    const field = (offset: number, value: number): void => this.#view.setUint32(CPU + offset, value, true);
    for (let page = 0; page < GUEST_PAGES; page++)
      this.#view.setUint32(P2M_TABLE + page * 4, (GUEST_RAM + page * PAGE_SIZE) | L.P2M_PRESENT, true);
    field(L.MEM_PAGES, GUEST_PAGES);
    field(L.P2M, P2M_TABLE);
    storeMemoryMap(field, onlyRam(GUEST_PAGES));
    field(L.CODE_MAP, CODE_MAP);
    field(L.ARENA_BASE, ARENA);
    field(L.ARENA_SIZE, ARENA_SIZE);
    if (seed !== undefined)
      this.late = new LatePages({ memory: this.#memory, p2m: P2M_TABLE, pages: GUEST_PAGES, seed });
    let ticks = 0;
    this.executor = createExecutor({
      memory: this.#memory,
      cpu: CPU,
      monitorModule,
      interpreterModule,
      tuning,
      host: {
        portRead: () => 0xffffffff,
        portWrite: () => {},
        mmioRead: () => 0xffffffff,
        mmioWrite: () => {},
        timestamp: () => ++ticks,
        pageFault: (page, write) => this.late!.fault(page, write),
        acknowledgeInterrupt: () => 0,
        notImplemented: (opcode) => this.missing.push(opcode),
      },
    });
    this.executor.reset();
    field(L.A20_MASK, 0xffffffff);
    this.#buildTables();
  }

  #guest(physical: number): number {
    return GUEST_RAM + physical;
  }

  #buildTables(): void {
    const view = this.#view;
    const word = (at: number, value: number): void => view.setUint32(this.#guest(at), value, true);
    const map = (page: number, rights: number): void => this.#map(page, rights);
    for (const { address, writable } of DATA_PAGES) map(address, PRESENT | USER | (writable ? WRITABLE : 0));
    for (let page = CODE_BASE; page < CODE_BASE + CODE_SIZE; page += PAGE_SIZE) map(page, PRESENT | USER);
    for (let page = DIRECTORY; page < RING0_STACK_TOP; page += PAGE_SIZE) map(page, PRESENT | WRITABLE);

    const descriptor = (index: number, base: number, limit: number, access: number, flags: number): void => {
      word(GDT + index * 8, (limit & 0xffff) | ((base & 0xffff) << 16));
      word(
        GDT + index * 8 + 4,
        ((base >>> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | (flags << 20) | (base & 0xff000000),
      );
    };
    descriptor(1, 0, 0xfffff, 0x9b, 0xc);
    descriptor(2, 0, 0xfffff, 0x93, 0xc);
    descriptor(3, 0, 0xfffff, 0xfb, 0xc);
    descriptor(4, 0, 0xfffff, 0xf3, 0xc);
    descriptor(5, TSS, 0x67, 0x8b, 0);
    descriptor(6, FS_BASE, 0xfffff, 0xf3, 0xc);
    for (let vector = 0; vector < 32; vector++) {
      const handler = HANDLERS + vector * 16;
      // INT3, INTO and INT n from ring 3 are let through on 3 and 4, as Linux does.
      const privilege = vector === 3 || vector === 4 ? 3 : 0;
      word(IDT + vector * 8, (8 << 16) | (handler & 0xffff));
      word(IDT + vector * 8 + 4, (handler & 0xffff0000) | ((0x8e | (privilege << 5)) << 8));
      this.#bytes.set(HALT_AND_RETURN, this.#guest(handler));
    }
    word(TSS + 4, RING0_STACK_TOP);
    word(TSS + 8, 0x10);
    // The I/O permission bitmap begins beyond the limit: no port is open to ring 3.
    word(TSS + 100, 0x68 << 16);
  }

  #map(page: number, rights: number): void {
    const entry = DIRECTORY + (page >>> 22) * 4;
    const table = FIRST_TABLE + (page >>> 22) * PAGE_SIZE;
    this.#view.setUint32(this.#guest(entry), table | PRESENT | WRITABLE | USER, true);
    this.#view.setUint32(this.#guest(table + ((page >>> 12) & 1023) * 4), page | rights, true);
  }

  /** What user code may do with a page from the next load on. */
  setPage(page: number, rights: 'absent' | 'read-only' | 'writable'): void {
    this.#map(page, rights === 'absent' ? 0 : rights === 'writable' ? PRESENT | USER | WRITABLE : PRESENT | USER);
  }

  /** Cuts DS, ES and SS off behind `limit`, in what has been loaded. */
  setDataLimit(limit: number): void {
    for (const segment of [L.SEG_DS, L.SEG_ES, L.SEG_SS]) this.limit(segment, limit);
  }

  /** All of the x87's and SSE's state, as bytes. */
  floatingState(): Uint8Array {
    const words = [
      L.FPU_CW,
      L.FPU_SW,
      L.FPU_TOP,
      L.FPU_TAG,
      L.FPU_IP,
      L.FPU_CS,
      L.FPU_DP,
      L.FPU_DS,
      L.FPU_OPCODE,
      L.MXCSR,
    ];
    const registers = this.#bytes.slice(CPU + L.FPR, CPU + L.FPR + 128);
    const xmm = this.#bytes.slice(CPU + L.XMM, CPU + L.XMM + 128);
    return new Uint8Array([
      ...registers,
      ...xmm,
      ...new Uint8Array(Uint32Array.from(words, (at) => this.#read(at)).buffer),
    ]);
  }

  #field(offset: number, value: number): void {
    this.#view.setUint32(CPU + offset, value, true);
  }

  #segment(number: number, selector: number, base: number, attributes: number): void {
    const at = L.SEG + number * L.SEG_SIZE;
    this.#view.setBigUint64(CPU + at + L.SEG_BASE, BigInt(base), true);
    const code = (attributes & 8) !== 0;
    this.#view.setBigInt64(CPU + at + L.SEG_READ_BOUND, 0xffffffffn, true);
    this.#view.setBigInt64(CPU + at + L.SEG_WRITE_BOUND, code ? -1n : 0xffffffffn, true);
    this.#field(at + L.SEG_LIMIT, 0xffffffff);
    this.#field(at + L.SEG_SELECTOR, selector);
    this.#field(at + L.SEG_ATTR, attributes);
  }

  /**
   * Loads the state before a vector (or any user code) into CPU and memory. With `warm`, the data pages are in
   * the TLB when it begins to run, so that translated code reaches memory by itself instead of leaving for the interpreter.
   */
  load(vector: Pick<Vector, 'before' | 'memoryBefore' | 'code'>, warm = false): void {
    const { before } = vector;
    for (const { address } of DATA_PAGES) this.#bytes.set(pagePattern(address), this.#guest(address));
    for (const run of vector.memoryBefore) this.#bytes.set(run.bytes, this.#guest(run.address));
    this.#bytes.fill(INT3, this.#guest(CODE_BASE), this.#guest(CODE_BASE + CODE_SIZE));
    this.#bytes.set(vector.code, this.#guest(before.eip));
    for (let n = 0; n < 8; n++) this.#field(L.GPR + n * 8, before.general[n]!);
    this.#field(L.RIP, before.eip);
    this.#setFlags(before.eflags);
    for (const [number, selector, attributes, base] of [
      [L.SEG_ES, USER_DATA, 0xc0f3, 0],
      [L.SEG_CS, USER_CODE, 0xc0fb, 0],
      [L.SEG_SS, USER_DATA, 0xc0f3, 0],
      [L.SEG_DS, USER_DATA, 0xc0f3, 0],
      [L.SEG_FS, USER_FS, 0xc0f3, FS_BASE],
      [L.SEG_GS, USER_DATA, 0xc0f3, 0],
    ] as const)
      this.#segment(number, selector, base, attributes);
    this.#segment(L.SEG_TR, 0x28, TSS, 0x8b);
    this.#field(L.SEG + L.SEG_TR * L.SEG_SIZE + L.SEG_LIMIT, 0x67);
    this.#field(L.CPL, 3);
    this.#field(L.CR0, 0x80050033);
    this.#field(L.CR3, DIRECTORY);
    this.#field(L.CR4, 0x600);
    this.#field(L.GDTR_BASE, GDT);
    this.#field(L.GDTR_LIMIT, 0x37);
    this.#field(L.IDTR_BASE, IDT);
    this.#field(L.IDTR_LIMIT, 0xff);
    for (let n = 0; n < 4; n++) this.#field(L.DR + n * 8, 0);
    this.#field(L.DR + 6 * 8, DR6_NONE);
    this.#field(L.DR + 7 * 8, DR7_NONE);
    this.#field(L.RUN_STATE, L.RUN_RUNNING);
    this.#field(L.FAULT, 0);
    this.#field(L.SHADOW, 0);
    this.#field(L.MXCSR, before.mxcsr);
    this.#field(L.FPU_CW, 0x37f);
    this.#field(L.FPU_SW, 0);
    this.#field(L.FPU_TOP, 0);
    this.#field(L.FPU_TAG, 0);
    // What code before has left must not show in an image that this one stores.
    for (const last of [L.FPU_IP, L.FPU_CS, L.FPU_DP, L.FPU_DS, L.FPU_OPCODE]) this.#field(last, 0);
    for (let n = 0; n < 8; n++) {
      this.#view.setBigUint64(CPU + L.FPR + n * 16, before.mm[n]!, true);
      this.#view.setBigUint64(CPU + L.FPR + n * 16 + 8, 0xffffn, true);
    }
    this.#bytes.set(before.xmm, CPU + L.XMM);
    this.late?.takeAll();
    this.executor.stateReplaced();
    this.#warm = warm;
  }

  /** Watches addresses from now on: the first four. `type`: 0 execution, 1 writes, 3 reads and writes. `size`: 1, 2 or 4 bytes. */
  watch(breakpoints: readonly { address: number; size: number; type: number }[]): void {
    let control = DR7_NONE;
    breakpoints.forEach(({ address, size, type }, n) => {
      this.#field(L.DR + n * 8, address);
      control |= (1 << (n * 2)) | ((type | ((size - 1) << 2)) << (16 + n * 4));
    });
    this.#field(L.DR + 7 * 8, control >>> 0);
    this.executor.stateReplaced();
  }

  /** Sets the limit of ES, SS or DS (base 0): the last offset that may be used. */
  limit(segment: number, last: number): void {
    const at = L.SEG + segment * L.SEG_SIZE;
    this.#view.setBigInt64(CPU + at + L.SEG_READ_BOUND, BigInt(last), true);
    this.#view.setBigInt64(CPU + at + L.SEG_WRITE_BOUND, BigInt(last), true);
    this.#field(at + L.SEG_LIMIT, last);
    this.executor.stateReplaced();
  }

  /** Goes on behind a trap that run() has reported. */
  resume(): Result {
    this.#field(L.RUN_STATE, L.RUN_RUNNING);
    return this.run();
  }

  /** Conditions in DR6 since they were asked for last, of breakpoints (bits 0..3) and of a single step (14). */
  takeDebugConditions(): number {
    const conditions = this.#read(L.DR + 6 * 8) & 0x400f;
    this.#field(L.DR + 6 * 8, DR6_NONE);
    return conditions;
  }

  /** x87 status word, and ST(0)..ST(7) as ten bytes each. */
  x87(): { status: number; stack: Uint8Array } {
    const top = this.#read(L.FPU_TOP);
    const stack = new Uint8Array(80);
    for (let n = 0; n < 8; n++) {
      const at = CPU + L.FPR + ((top + n) & 7) * 16;
      stack.set(this.#bytes.subarray(at, at + 10), n * 10);
    }
    return { status: (this.#read(L.FPU_SW) & ~0x3800) | (top << 11), stack };
  }

  /** As the monitor fills it (monitor/memory/translate.ts) when user code has read and written each data page. The TLB is empty. */
  #fillTlb(): void {
    DATA_PAGES.forEach(({ address, writable }, n) => {
      const entry = L.TLB_USER + ((address >>> 12) & (L.TLB_ENTRIES - 1)) * L.TLB_ENTRY_SIZE;
      this.#field(entry + L.TLB_READ_TAG, address);
      this.#field(entry + L.TLB_WRITE_TAG, writable ? address : L.TLB_INVALID);
      this.#field(entry + L.TLB_ADDEND, this.#guest(address) - address);
      this.#field(entry + L.TLB_PHYSICAL, address | L.TLB_USER_PAGE | (writable ? L.TLB_WRITABLE : 0));
      const index = (entry - L.TLB_SUPERVISOR) / L.TLB_ENTRY_SIZE;
      this.#view.setUint16(CPU + L.TLB_FILLED + 2 * n, index, true);
    });
    this.#field(L.TLB_FILLED_COUNT, DATA_PAGES.length);
  }

  #setFlags(eflags: number): void {
    const { result, aux, system } = canonicalFlags(eflags);
    this.#field(L.SYSFLAGS, system | 2);
    this.#field(L.F_KIND, 0);
    this.#field(L.F_R, result);
    this.#field(L.F_A, aux);
  }

  /** Runs until a handler has halted; what the handler sees is the result. */
  run(): Result {
    if (this.#warm) this.#fillTlb();
    this.#warm = false;
    for (let slices = 0; !this.#runSlice(); slices++)
      if (slices > (this.late ? 3000 : 100))
        throw new Error(`the code does not end (EIP ${this.#read(L.RIP).toString(16)})`);
    const vector = (this.#read(L.RIP) - 1 - HANDLERS) >>> 4;
    const hasError = [8, 10, 11, 12, 13, 14, 17].includes(vector);
    let frame = this.#read(L.RSP);
    const pop = (): number => {
      const value = this.#view.getUint32(this.#guest(frame), true);
      frame += 4;
      return value;
    };
    const error = hasError ? pop() : 0;
    const eip = pop();
    pop();
    const eflags = pop() & ~RF;
    const general = new Uint32Array(8).map((_, n) => this.#read(L.GPR + n * 8));
    general[4] = pop();
    const registers: Registers = {
      general,
      eip: vector === 3 ? eip - 1 : eip,
      eflags,
      mxcsr: this.#read(L.MXCSR),
      mm: new BigUint64Array(8).map((_, n) => this.#view.getBigUint64(CPU + L.FPR + n * 16, true)),
      xmm: this.#bytes.slice(CPU + L.XMM, CPU + L.XMM + 128),
    };
    const result: Result = {
      registers,
      readPage: (address) => this.#bytes.slice(this.#guest(address), this.#guest(address) + PAGE_SIZE),
    };
    if (vector !== 3) result.exception = { vector, error, cr2: vector === 14 ? this.#read(L.CR2) : 0 };
    return result;
  }

  /** True when the code has come to its end. */
  #runSlice(): boolean {
    const reason = this.executor.run(1000);
    if (this.late && reason === L.EXIT_PAGE) {
      this.late.takeSome();
      this.late.bring(this.executor.awaitedPage);
      this.executor.reconcile();
    }
    return reason === L.EXIT_HALT;
  }

  #read(offset: number): number {
    return this.#view.getUint32(CPU + offset, true);
  }
}
