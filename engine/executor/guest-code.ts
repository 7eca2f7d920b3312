// Where a vCPU's code lies, and its bytes, as the monitor's page walks and the p2m have it now.

import * as L from '../isa/layout.ts';
import type { MonitorExports } from './monitor-link.ts';

const PAGE_SIZE = 4096;
const PAGE_MASK = ~(PAGE_SIZE - 1);
/** What the monitor's code_page gives where nothing can be fetched. */
const NO_PAGE = 1;
const ALL_ONES = new Uint8Array(PAGE_SIZE).fill(0xff);

export class GuestCode {
  readonly #monitor: MonitorExports;
  readonly #cpu: number;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory, cpu: number, monitor: MonitorExports) {
    this.#words = new Uint32Array(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#cpu = cpu;
    this.#monitor = monitor;
  }

  /** All bytes of a guest-physical page; a page of neither RAM nor ROM holds no code and reads as all ones. */
  page(physical: number): Uint8Array {
    const page = physical >>> 12;
    const rom = this.#monitor.rom_page(this.#cpu, page) >>> 0;
    if (rom !== 0) return this.#bytes.subarray(rom, rom + PAGE_SIZE);
    if (page >= this.#field(L.MEM_PAGES)) return ALL_ONES;
    const entry = this.#words[(this.#field(L.P2M) >>> 2) + page]!;
    const machine = entry & PAGE_MASK;
    return this.#bytes.subarray(machine >>> 0, (machine >>> 0) + PAGE_SIZE);
  }

  /** Guest-physical address of code at `linear`, or -1 with the fault recorded. */
  address(linear: number): number {
    const physical = this.#monitor.code_address(this.#cpu, linear) >>> 0;
    return this.#field(L.FAULT) === 0 ? physical : -1;
  }

  /** Guest-physical address of code at `linear`, or -1, without a fault. */
  peek(linear: number): number {
    const page = this.#monitor.code_page(this.#cpu, linear) >>> 0;
    return page === NO_PAGE ? -1 : (page | (linear & ~PAGE_MASK)) >>> 0;
  }

  #field(offset: number): number {
    return this.#words[(this.#cpu + offset) >>> 2]!;
  }
}
