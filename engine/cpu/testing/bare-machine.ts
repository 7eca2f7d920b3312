// A machine without devices in which tests run code of their own: ring 0, flat 32-bit segments, guest RAM from address 0,
// no interrupts. Code ends with HLT. With `enablePaging` the tables are the test's to write; without, linear is physical.

import { type MemoryWindow, onlyRam } from '../../base/memory-window.ts';
import * as L from '../abi/layout.ts';
import { storeMemoryMap } from '../abi/memory-windows.ts';
import { createExecutor, type ExecutorTuning } from '../executor/executor.ts';
import type { Executor, ExecutorHost, ExecutorOptions } from '../executor/executor-api.ts';

const PAGE_SIZE = 4096;
const WASM_PAGE = 65536;

// Machine addresses.
const CPU = 0x10000;
const P2M_TABLE = 0x50000;
const CODE_MAP = 0x58000;
const ARENA = 0x100000;
const ARENA_SIZE = 0x400000;
const GUEST_RAM = 0x500000;

const CODE_SEGMENT = 0xc09b;
const DATA_SEGMENT = 0xc093;
const CR0_PE = 1;
const CR0_PG = 0x80000000;
const MAXIMUM_SLICES = 500;

export interface MachineOptions extends Pick<ExecutorOptions, 'translator' | 'now'> {
  /** The test's allocator. */
  pageFault?: ExecutorHost['pageFault'];
  /** Of a machine of the same size that does not run any more. Thousands of fresh pages cost more than most tests. */
  memory?: WebAssembly.Memory;
}

export class BareMachine {
  readonly executor: Executor;
  /** The test's device. */
  onPortWrite: (port: number) => void = () => {};
  onPortRead: (port: number) => number = () => 0xffffffff;
  /** Instructions, about. */
  slice = 20_000;
  /** What the event loop would do between two slices. */
  betweenSlices: () => void = () => {};
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  /** `pages`: guest RAM in pages of 4 KiB. */
  constructor(
    monitorModule: WebAssembly.Module,
    interpreterModule: WebAssembly.Module,
    tuning: ExecutorTuning,
    pages = 64,
    { memory: used, pageFault, ...more }: MachineOptions = {},
  ) {
    const size = Math.ceil((GUEST_RAM + pages * PAGE_SIZE) / WASM_PAGE);
    const memory = used ?? new WebAssembly.Memory({ initial: size, maximum: size, shared: true });
    if (used) new BigUint64Array(used.buffer).fill(0n);
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    for (let page = 0; page < pages; page++)
      this.#view.setUint32(P2M_TABLE + page * 4, (GUEST_RAM + page * PAGE_SIZE) | L.P2M_PRESENT, true);
    this.#setField(L.MEM_PAGES, pages);
    this.#setField(L.P2M, P2M_TABLE);
    this.#map(onlyRam(pages));
    this.#setField(L.CODE_MAP, CODE_MAP);
    this.#setField(L.ARENA_BASE, ARENA);
    this.#setField(L.ARENA_SIZE, ARENA_SIZE);
    this.executor = createExecutor({
      memory,
      cpu: CPU,
      monitorModule,
      interpreterModule,
      tuning,
      ...more,
      host: {
        portRead: (port) => this.onPortRead(port),
        portWrite: (port) => this.onPortWrite(port),
        mmioRead: () => 0xffffffff,
        mmioWrite: () => {},
        timestamp: () => 1,
        ...(pageFault && { pageFault }),
        acknowledgeInterrupt: () => 0,
        notImplemented: (opcode, linear) => {
          throw new Error(`${opcode} at ${linear.toString(16)} is not done`);
        },
      },
    });
    this.executor.reset();
    this.#setField(L.A20_MASK, 0xffffffff);
    for (let segment = L.SEG_ES; segment <= L.SEG_GS; segment++) this.#flatSegment(segment);
    this.#setField(L.CPL, 0);
    this.#setField(L.CR0, CR0_PE);
    this.executor.stateReplaced();
  }

  #flatSegment(number: number): void {
    const at = L.SEG + number * L.SEG_SIZE;
    const isCode = number === L.SEG_CS;
    this.#view.setBigUint64(CPU + at + L.SEG_BASE, 0n, true);
    this.#view.setBigInt64(CPU + at + L.SEG_READ_BOUND, 0xffffffffn, true);
    this.#view.setBigInt64(CPU + at + L.SEG_WRITE_BOUND, isCode ? -1n : 0xffffffffn, true);
    this.#setField(at + L.SEG_LIMIT, 0xffffffff);
    this.#setField(at + L.SEG_SELECTOR, isCode ? 8 : 16);
    this.#setField(at + L.SEG_ATTR, isCode ? CODE_SEGMENT : DATA_SEGMENT);
  }

  /** Two-level page tables at guest-physical `directory`. */
  enablePaging(directory: number): void {
    this.#setField(L.CR3, directory);
    this.#setField(L.CR0, CR0_PE | CR0_PG);
    this.executor.stateReplaced();
  }

  /** Puts bytes into guest RAM behind the CPU's back, as a device would. */
  poke(physical: number, bytes: ArrayLike<number>): void {
    this.#bytes.set(bytes, GUEST_RAM + physical);
  }

  pokeWord(physical: number, value: number): void {
    this.#view.setUint32(GUEST_RAM + physical, value, true);
  }

  word(physical: number): number {
    return this.#view.getUint32(GUEST_RAM + physical, true);
  }

  /** A copy of guest RAM. */
  bytes(physical: number, length: number): Uint8Array {
    return this.#bytes.slice(GUEST_RAM + physical, GUEST_RAM + physical + length);
  }

  /** Where the guest-physical page is in the machine: at the place of RAM page `place`, or nowhere. */
  setMachinePage(page: number, place: number | undefined): void {
    const entry = place === undefined ? 0 : (GUEST_RAM + place * PAGE_SIZE) | L.P2M_PRESENT;
    this.#view.setUint32(P2M_TABLE + page * 4, entry, true);
  }

  /** What the guest sees where from now on. */
  setMemoryMap(windows: readonly MemoryWindow[]): void {
    this.#map(windows);
    this.executor.stateReplaced();
  }

  #map(windows: readonly MemoryWindow[]): void {
    storeMemoryMap((offset, value) => this.#setField(offset, value), windows);
  }

  /** A dirty log begins; its bitmap lies where RAM page `place` does. */
  logWrites(place: number): void {
    this.#setField(L.DIRTY_BITMAP, GUEST_RAM + place * PAGE_SIZE);
    this.executor.withdrawWrites();
  }

  /** As the keyboard controller or port 92h switches address line A20. */
  setA20(enabled: boolean): void {
    this.#setField(L.A20_MASK, enabled ? 0xffffffff : 0xffefffff);
    this.executor.flushTlb();
  }

  setRegister(offset: number, value: number): void {
    this.#setField(offset, value);
  }

  register(offset: number): number {
    return this.#view.getUint32(CPU + offset, true);
  }

  /** A counter of the CPU block (N_*). */
  counter(offset: number): number {
    return Number(this.#view.getBigUint64(CPU + offset, true));
  }

  /** Runs from `linear` until HLT. Throws if the code does not get there. */
  run(linear: number): void {
    this.#setField(L.RIP, linear);
    this.#setField(L.RUN_STATE, L.RUN_RUNNING);
    for (let slices = 0; slices < MAXIMUM_SLICES; slices++) {
      const reason = this.executor.run(this.slice);
      if (reason === L.EXIT_HALT) return;
      if (reason !== L.EXIT_SLICE) throw new Error(`the machine stopped (${reason}) at ${this.#place()}`);
      this.betweenSlices();
    }
    throw new Error(`the code does not end (${this.#place()})`);
  }

  #place(): string {
    return `EIP ${this.register(L.RIP).toString(16)}`;
  }

  #setField(offset: number, value: number): void {
    this.#view.setUint32(CPU + offset, value, true);
  }
}
