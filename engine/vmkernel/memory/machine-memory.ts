// A host's machine memory: one shared WebAssembly.Memory of fixed size, handed out in 4 KiB machine pages.
//
// Invariants:
// - One owner: only the host worker allocates and frees. vCPU workers get the addresses of what is theirs.
// - The first 64 KiB are never handed out: the monitor's constants live there.
// - A page handed out is zero. Who frees a page says whether it may hold anything else; it is wiped then.
// - Contiguous ranges come from the bottom, single pages from the top, so that pages that come and go (guest RAM) do not
//   break up the room that ranges (CPU blocks, record arenas, tables) need.

import { HOST_MEMORY_MAXIMUM_MIB, MIB, PAGE_SIZE } from '../../base/sizes.ts';

const WASM_PAGE = 65536;
const RESERVED_BYTES = 65536;

/** The host has no room: the message says how much is needed and how much is free. */
export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError';
}

export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  readonly totalPages: number;
  readonly #bytes: Uint8Array;
  readonly #used: Uint8Array;
  #free: number;
  /** No single page is free above this one. */
  #highestCandidate: number;
  /** No page is free below this one. */
  #lowestCandidate = RESERVED_BYTES / PAGE_SIZE;

  /** `size` in MiB, 1..4095. Throws RangeError when the environment cannot reserve that much. */
  constructor(sizeMiB: number) {
    const wasmPages = (sizeMiB * MIB) / WASM_PAGE;
    if (!Number.isInteger(sizeMiB) || wasmPages < 16 || sizeMiB > HOST_MEMORY_MAXIMUM_MIB) {
      throw new RangeError(
        `A host's memory is a whole number of MiB from 1 to ${HOST_MEMORY_MAXIMUM_MIB}, not ${sizeMiB}.`,
      );
    }
    this.memory = new WebAssembly.Memory({ initial: wasmPages, maximum: wasmPages, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.totalPages = (wasmPages * WASM_PAGE) / PAGE_SIZE;
    this.#used = new Uint8Array(this.totalPages);
    this.#used.fill(1, 0, this.#lowestCandidate);
    this.#free = this.totalPages - this.#lowestCandidate;
    this.#highestCandidate = this.totalPages - 1;
  }

  get freePages(): number {
    return this.#free;
  }

  /** Pages that can be handed out at all. */
  get usablePages(): number {
    return this.totalPages - RESERVED_BYTES / PAGE_SIZE;
  }

  /** Machine address of one zeroed page. Throws OutOfMemoryError. */
  allocatePage(): number {
    if (this.#free === 0) throw new OutOfMemoryError(noRoom(1, 0));
    while (this.#used[this.#highestCandidate]) this.#highestCandidate--;
    const page = this.#highestCandidate--;
    this.#used[page] = 1;
    this.#free--;
    return page * PAGE_SIZE;
  }

  /** Machine address of `size` bytes (rounded up to pages), zeroed and contiguous. Throws OutOfMemoryError. */
  allocateRange(size: number): number {
    const pages = Math.ceil(size / PAGE_SIZE);
    if (pages > this.#free) throw new OutOfMemoryError(noRoom(pages, this.#free));
    while (this.#used[this.#lowestCandidate]) this.#lowestCandidate++;
    let run = 0;
    for (let page = this.#lowestCandidate; page < this.totalPages; page++) {
      run = this.#used[page] ? 0 : run + 1;
      if (run === pages) {
        const first = page - pages + 1;
        this.#used.fill(1, first, page + 1);
        this.#free -= pages;
        return first * PAGE_SIZE;
      }
    }
    throw new OutOfMemoryError(`needs ${mebibytes(pages)} MiB in one piece, which the host does not have`);
  }

  /** `zero`: the caller knows that the page was never written since it was allocated. */
  freePage(address: number, zero = false): void {
    this.#release(address / PAGE_SIZE, 1, zero);
  }

  freeRange(address: number, size: number): void {
    this.#release(address / PAGE_SIZE, Math.ceil(size / PAGE_SIZE), false);
  }

  #release(first: number, pages: number, zero: boolean): void {
    for (let page = first; page < first + pages; page++) {
      if (!this.#used[page] || page * PAGE_SIZE < RESERVED_BYTES || page >= this.totalPages) {
        throw new RangeError(`Machine page ${page} is not allocated.`);
      }
      this.#used[page] = 0;
    }
    if (!zero) this.#bytes.fill(0, first * PAGE_SIZE, (first + pages) * PAGE_SIZE);
    this.#free += pages;
    this.#lowestCandidate = Math.min(this.#lowestCandidate, first);
    this.#highestCandidate = Math.max(this.#highestCandidate, first + pages - 1);
  }
}

/** Whole MiB, what is needed rounded up. */
function mebibytes(pages: number): number {
  return Math.ceil((pages * PAGE_SIZE) / MIB);
}

/** User-facing message: why `needed` pages do not fit into `free`. What is free is rounded down. */
export function noRoom(needed: number, free: number): string {
  return `${room(needed, free)} free`;
}

/** User-facing message: why `needed` pages never fit into `usable`. */
export function noRoomEver(needed: number, usable: number): string {
  return `${room(needed, usable)} in all`;
}

function room(needed: number, there: number): string {
  return `needs ${mebibytes(needed)} MiB, ${Math.floor((there * PAGE_SIZE) / (1024 * 1024))} MiB`;
}
