// Where a vCPU's code lies, and its bytes, as the monitor's page walks and the p2m have it now.

import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';
import type { MonitorExports } from './monitor-link.ts';

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

  /** All bytes of a guest-physical page; a page of no memory, or one that is absent, holds no code and reads as all ones. */
  page(physical: number): Uint8Array {
    const machine = this.#monitor.readable_page(this.#cpu, physical >>> 12) >>> 0;
    return machine === 0 ? ALL_ONES : this.#bytes.subarray(machine, machine + PAGE_SIZE);
  }

  /** The page of memory that a guest-physical page shows; undefined for pages of devices and of nothing. */
  memoryPage(page: number): number | undefined {
    const memoryPage = this.#monitor.page_for_reads(this.#cpu, page) >>> 0;
    return memoryPage < L.PLANAR_MEMORY ? memoryPage : undefined;
  }

  /** The guest-physical addresses at which `size` bytes written at `physical`, all in one window of the memory map, can be read. */
  places(physical: number, size: number): number[] {
    const page = this.#monitor.page_for_writes(this.#cpu, physical >>> 12) >>> 0;
    if (page >= L.PLANAR_MEMORY) return [physical];
    const places = [physical];
    const pages = Math.ceil(((physical & ~PAGE_MASK) + size) / PAGE_SIZE);
    const count = this.#field(L.WINDOW_COUNT);
    for (let window = L.WINDOWS; window < L.WINDOWS + count * L.WINDOW_SIZE; window += L.WINDOW_SIZE) {
      const reads = this.#field(window + L.WINDOW_READS);
      if (reads >= L.PLANAR_MEMORY || page + pages <= reads || page >= reads + this.#field(window + L.WINDOW_PAGES))
        continue;
      const place = physical + (this.#field(window + L.WINDOW_FIRST) - reads + page - (physical >>> 12)) * PAGE_SIZE;
      if (place !== physical) places.push(place);
    }
    return places;
  }

  /** Guest-physical address of code at `linear`, or -1 with the fault recorded. */
  address(linear: number): number {
    const physical = this.#monitor.code_address(this.#cpu, linear) >>> 0;
    return this.#field(L.FAULT) === 0 ? physical : -1;
  }

  /** Guest-physical address of code at `linear`, or -1, without a fault. */
  peek(linear: number): number {
    const page = this.#monitor.code_page(this.#cpu, linear) >>> 0;
    return page === L.NO_PAGE ? -1 : (page | (linear & ~PAGE_MASK)) >>> 0;
  }

  #field(offset: number): number {
    return this.#words[(this.#cpu + offset) >>> 2]!;
  }
}
