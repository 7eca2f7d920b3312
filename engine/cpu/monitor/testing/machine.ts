// A vCPU without an instruction in it: the real monitor.wasm over a real shared memory, a p2m whose machine pages are
// deliberately not in guest order, and a host that writes down what it is asked. Tests call the monitor's functions as
// generated code and the dispatcher would.

import { monitorBytes } from '../../../../scripts/build-monitor.ts';
import type { MemoryWindow } from '../../../base/memory-window.ts';
import * as L from '../../abi/layout.ts';
import { storeMemoryMap } from '../../abi/memory-windows.ts';
import type { MonitorHost } from '../../abi/monitor-host.ts';

const CPU = 0x10000;
const P2M = 0x60000;
const CODE_MAP = 0x70000;
const DIRTY_BITMAP = 0x80000;
const RAM = 0x100000;
export const RAM_PAGES = 1024;
const MEMORY_PAGES = (RAM + (RAM_PAGES + 16) * 4096) / 65536;

export const CR0_PE = 1;
export const CR0_WP = 0x10000;
export const CR0_PG = 0x80000000;
export const CR4_PSE = 0x10;
export const CR4_PAE = 0x20;
export const CR4_PGE = 0x80;

// biome-ignore lint/suspicious/noExplicitAny: wasm exports take and return numbers and bigints alike
type Functions = Record<string, (...values: any[]) => any>;

export interface Exception {
  vector: number;
  /** undefined: no error code */
  error: number | undefined;
}

export type HostCall = { call: keyof MonitorHost; values: number[] };

const compiled = WebAssembly.compile(await monitorBytes());

/** RAM but for the video window. */
export const PC_RAM: readonly MemoryWindow[] = [
  { first: 0, pages: 0xa0, reads: 0, writes: 0 },
  { first: 0xc0, pages: RAM_PAGES - 0xc0, reads: 0xc0, writes: 0xc0 },
];

export class TestMachine {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly monitor: Functions;
  readonly calls: HostCall[] = [];
  /** Before each call of the monitor all pages are taken away; each comes when it was asked for, and the call is made again. */
  static pagesComeLate = false;
  /** What the host answers to port and MMIO reads, and its clock. */
  answer = 0xffffffff;
  now = 0;
  /** Does the host make pages present when it is asked? What `onHostCall` does about it is the test's. */
  pagesCome = true;
  /** Runs on code_write and p2m_fault, before the call returns. */
  onHostCall: (call: HostCall) => void = () => {};

  private constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
    this.view = new DataView(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    const note = (call: keyof MonitorHost, ...values: number[]) => {
      const entry = { call, values: values.map((value) => value >>> 0) };
      this.calls.push(entry);
      this.onHostCall(entry);
    };
    const host: MonitorHost = {
      port_read: (port, size) => {
        note('port_read', port, size);
        return this.answer;
      },
      port_write: (port, size, value) => note('port_write', port, size, value),
      mmio_read: (physical, size) => {
        note('mmio_read', physical, size);
        return this.answer;
      },
      mmio_write: (physical, size, value) => note('mmio_write', physical, size, value),
      local_apic_moved: (base) => note('local_apic_moved', base >>> 0),
      tsc: () => this.now,
      code_write: (physical, size) => note('code_write', physical, size),
      p2m_fault: (page, write) => {
        if (TestMachine.pagesComeLate) return 0;
        note('p2m_fault', page, write);
        return this.pagesCome ? 1 : 0;
      },
      not_implemented: (mnemonic, linearPc) => note('not_implemented', mnemonic, linearPc),
    };
    const blocks = { find_block: () => {}, hot_block: () => {}, left_often: () => {}, acknowledge_interrupt: () => 0 };
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
    const instance = new WebAssembly.Instance(module, {
      env: { memory, table },
      host: host as unknown as WebAssembly.ModuleImports,
      blocks,
    });
    const exports = instance.exports as Functions;
    // Every function takes the CPU block first.
    this.monitor = Object.fromEntries(
      Object.entries(exports).map(([name, f]) => [name, (...values: unknown[]) => this.#call(exports, f, values)]),
    );
    this.set32(L.P2M, P2M);
    this.set32(L.CODE_MAP, CODE_MAP);
    this.set32(L.MEM_PAGES, RAM_PAGES);
    this.mapMemory(PC_RAM);
    for (let page = 0; page < RAM_PAGES; page++) this.setP2m(page, this.machinePage(page) | L.P2M_PRESENT);
    this.set32(L.BUDGET, 1 << 20);
    this.monitor.cpu_reset();
    this.set32(L.LEAVE, 0);
  }

  #call(exports: Functions, f: Functions[string], values: unknown[]): unknown {
    if (!TestMachine.pagesComeLate) return f(CPU, ...values);
    this.#takeAllPages(exports);
    let call = () => f(CPU, ...values);
    for (;;) {
      const result = call();
      if (this.get32(L.FAULT) === 0 || this.get32(L.EXC_VECTOR) !== L.VECTOR_ABSENT) return result;
      this.set32(L.FAULT, 0);
      const page = (this.get32(L.AWAITED_PAGE) >>> 1) - 1;
      const entry = this.view.getUint32(P2M + page * 4, true);
      if (entry & L.P2M_PRESENT) throw new Error(`page ${page} is there and waited for`);
      this.setP2m(page, entry | L.P2M_PRESENT);
      if (this.get32(L.PENDING_EVENT) !== 0) call = () => exports.deliver_pending!(CPU);
    }
  }

  #takeAllPages(exports: Functions): void {
    const pages = this.get32(L.MEM_PAGES);
    for (let page = 0; page < pages; page++) {
      const entry = this.view.getUint32(P2M + page * 4, true);
      this.setP2m(page, (entry & ~L.P2M_PRESENT) >>> 0);
    }
    exports.tlb_reconcile!(CPU);
  }

  /** After RESET, with 4 MiB of RAM. */
  static async create(): Promise<TestMachine> {
    return new TestMachine(await compiled);
  }

  /** Where the guest page is in the machine at first. */
  machinePage(page: number): number {
    return RAM + ((page * 7 + 3) % RAM_PAGES) * 4096;
  }

  /** A machine page that holds no guest page. */
  spareMachinePage(n: number): number {
    return RAM + (RAM_PAGES + n) * 4096;
  }

  mapMemory(windows: readonly MemoryWindow[]): void {
    storeMemoryMap((offset, value) => this.set32(offset, value), windows);
    if (this.get32(L.TLB_FILLED_COUNT) > 0) this.monitor.tlb_flush(1);
  }

  setP2m(page: number, entry: number): void {
    this.view.setUint32(P2M + page * 4, entry, true);
  }

  get32(field: number): number {
    return this.view.getUint32(CPU + field, true);
  }

  set32(field: number, value: number): void {
    this.view.setUint32(CPU + field, value, true);
  }

  setByte(field: number, value: number): void {
    this.view.setUint8(CPU + field, value);
  }

  set64(field: number, value: bigint): void {
    this.view.setBigUint64(CPU + field, value, true);
  }

  get64(field: number): bigint {
    return this.view.getBigUint64(CPU + field, true);
  }

  segment(n: number): { selector: number; base: number; limit: number; attr: number; read: bigint; write: bigint } {
    const at = L.SEG + n * L.SEG_SIZE;
    return {
      selector: this.get32(at + L.SEG_SELECTOR),
      base: this.get32(at + L.SEG_BASE),
      limit: this.get32(at + L.SEG_LIMIT),
      attr: this.get32(at + L.SEG_ATTR),
      read: this.view.getBigInt64(CPU + at + L.SEG_READ_BOUND, true),
      write: this.view.getBigInt64(CPU + at + L.SEG_WRITE_BOUND, true),
    };
  }

  get flags(): number {
    return this.monitor.eflags_read() >>> 0;
  }

  /** As POPF at CPL 0 would, VM included. */
  set flags(value: number) {
    const cpl = this.get32(L.CPL);
    this.set32(L.CPL, 0);
    this.set32(L.SYSFLAGS, 2);
    this.monitor.popf(value, 4);
    this.set32(L.CPL, cpl);
    this.set32(L.SYSFLAGS, (this.get32(L.SYSFLAGS) | (value & 0x20000)) >>> 0);
    this.set32(L.LEAVE, 0);
  }

  /** Takes the recorded exception away; undefined if there is none. */
  takeException(): Exception | undefined {
    if (this.get32(L.FAULT) === 0) return undefined;
    this.set32(L.FAULT, 0);
    const error = this.get32(L.EXC_HAS_ERROR) ? this.get32(L.EXC_ERROR) : undefined;
    return { vector: this.get32(L.EXC_VECTOR), error };
  }

  takeCalls(name: keyof MonitorHost): number[][] {
    const found = this.calls.filter((entry) => entry.call === name).map((entry) => entry.values);
    this.calls.length = 0;
    return found;
  }

  /** Guest-physical memory as it is in the machine, around the monitor. */
  peek32(physical: number): number {
    return this.view.getUint32(this.machine(physical), true);
  }

  peek16(physical: number): number {
    return this.view.getUint16(this.machine(physical), true);
  }

  peek8(physical: number): number {
    return this.view.getUint8(this.machine(physical));
  }

  poke32(physical: number, value: number): void {
    this.view.setUint32(this.machine(physical), value, true);
  }

  poke16(physical: number, value: number): void {
    this.view.setUint16(this.machine(physical), value, true);
  }

  poke8(physical: number, value: number): void {
    this.view.setUint8(this.machine(physical), value);
  }

  poke64(physical: number, value: bigint): void {
    this.view.setBigUint64(this.machine(physical), value, true);
  }

  machine(physical: number): number {
    return (this.view.getUint32(P2M + (physical >>> 12) * 4, true) & ~0xfff) + (physical & 0xfff);
  }

  setCode(page: number, holdsCode: boolean): void {
    this.bytes[CODE_MAP + page] = holdsCode ? 1 : 0;
  }

  startDirtyLog(): void {
    this.bytes.fill(0, DIRTY_BITMAP, DIRTY_BITMAP + RAM_PAGES / 8 + 2);
    this.set32(L.DIRTY_BITMAP, DIRTY_BITMAP);
    this.monitor.tlb_withdraw_writes();
  }

  /** Clears the page's bit, as a client of the dirty log does. */
  clearDirty(page: number): void {
    this.bytes[DIRTY_BITMAP + (page >> 3)] &= ~(1 << (page & 7));
  }

  dirtyPages(count = RAM_PAGES): number[] {
    const pages: number[] = [];
    for (let page = 0; page < count; page++) {
      if (this.bytes[DIRTY_BITMAP + (page >> 3)] & (1 << (page & 7))) pages.push(page);
    }
    return pages;
  }

  /** The TLB entry for a linear address, as generated code sees it. */
  tlb(linear: number, user = false): { read: boolean; write: boolean; machine: number } {
    const table = user ? L.TLB_USER : L.TLB_SUPERVISOR;
    const entry = table + ((linear >>> 12) & (L.TLB_ENTRIES - 1)) * L.TLB_ENTRY_SIZE;
    const page = (linear & ~0xfff) >>> 0;
    return {
      read: this.get32(entry + L.TLB_READ_TAG) === page,
      write: this.get32(entry + L.TLB_WRITE_TAG) === page,
      machine: (this.get32(entry + L.TLB_ADDEND) + linear) >>> 0,
    };
  }
}
