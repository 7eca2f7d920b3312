// A VM's p2m table as the host worker and the vCPU's worker share it: where each page of the VM's memory is in the machine. Entries
// change by compare-and-exchange, so that of two concurrent changes of an entry only one succeeds.

import { PAGE_SIZE } from '../../base/sizes.ts';
import { P2M_COW, P2M_PRESENT } from '../../cpu/abi/layout.ts';

const ADDRESS = ~(PAGE_SIZE - 1);

export class P2m {
  readonly pages: number;
  /** The first of them may be taken away; those of devices behind them stay where they are. */
  readonly movablePages: number;
  readonly #entries: Int32Array;

  /** `address`: machine address of one u32 for each page. */
  constructor(memory: WebAssembly.Memory, address: number, pages: number, movablePages = pages) {
    this.pages = pages;
    this.movablePages = movablePages;
    this.#entries = new Int32Array(memory.buffer, address, pages);
  }

  /** Machine address of a page; undefined if it is absent, or if there is no such page. */
  machineAddress(page: number): number | undefined {
    if (page < 0 || page >= this.pages) return undefined;
    const entry = Atomics.load(this.#entries, page);
    return (entry & P2M_PRESENT) === 0 ? undefined : (entry & ADDRESS) >>> 0;
  }

  /** May it be used: read, or with `write` written without a page of its own to be found first? */
  isUsable(page: number, write: boolean): boolean {
    const entry = Atomics.load(this.#entries, page);
    return (entry & P2M_PRESENT) !== 0 && (!write || (entry & P2M_COW) === 0);
  }

  /** Puts an absent page at `machine`. False, with nothing done, if it is not absent. */
  give(page: number, machine: number): boolean {
    const before = Atomics.load(this.#entries, page);
    if ((before & P2M_PRESENT) !== 0) return false;
    return Atomics.compareExchange(this.#entries, page, before, machine | P2M_PRESENT) === before;
  }

  /**
   * Makes a page absent; returns where it was, or undefined if it was absent already or has to stay. The
   * caller owes a shootdown: until it is answered the guest may still write there.
   */
  take(page: number): number | undefined {
    if (page >= this.movablePages) return undefined;
    const before = Atomics.load(this.#entries, page);
    if ((before & P2M_PRESENT) === 0) return undefined;
    if (Atomics.compareExchange(this.#entries, page, before, 0) !== before) return undefined;
    return (before & ADDRESS) >>> 0;
  }
}
