// An allocator that gives pages of memory late and takes them away at random: an access finds its page absent, waits, and gets
// it, perhaps at another place in the machine, perhaps shared until it is written. A guest must compute the same with it.

import * as L from '../abi/layout.ts';
import type { PageNeed } from '../executor/executor-api.ts';

/** What came last stays for a while: an instruction may need several pages at a time. */
const STAY = 40;
/** One page in so many goes whenever pages may go. */
const GOES = 6;

export interface LatePagesOptions {
  memory: WebAssembly.Memory;
  /** Machine address of the p2m table. */
  p2m: number;
  pages: number;
  seed: number;
  /** Machine pages that no page of memory has: with some, a page that comes back comes elsewhere. */
  spare?: readonly number[];
}

export class LatePages {
  readonly #p2m: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #spare: number[];
  readonly #recent: number[] = [];
  /** Absent pages' entries keep where their contents are. */
  #state: number;
  /** How often a page was waited for. */
  waits = 0;

  constructor({ memory, p2m, pages, seed, spare = [] }: LatePagesOptions) {
    this.#p2m = new Uint32Array(memory.buffer, p2m, pages);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#spare = [...spare];
    this.#state = seed | 1;
  }

  /** No TLB may hold an entry. */
  takeAll(): void {
    this.#recent.length = 0;
    for (const page of this.#p2m.keys()) this.#p2m[page] &= ~(L.P2M_PRESENT | L.P2M_COW);
  }

  /** The executor's `pageFault`: now and then the page comes at once. */
  fault(page: number, write: boolean): boolean {
    if (this.#chance(4)) return this.bring({ page, write });
    return false;
  }

  /** The page that was waited for is there; one that was shared may be elsewhere now, so the CPU's TLBs follow before it runs on. */
  bring({ page, write }: PageNeed): true {
    this.waits++;
    const entry = this.#p2m[page]!;
    if ((entry & L.P2M_PRESENT) !== 0 && (!write || (entry & L.P2M_COW) === 0))
      throw new Error(`page ${page} is waited for and is there`);
    const shared = !write && this.#chance(2);
    this.#p2m[page] = (this.#place(entry) | L.P2M_PRESENT | (shared ? L.P2M_COW : 0)) >>> 0;
    this.#recent.push(page);
    if (this.#recent.length > STAY) this.#recent.shift();
    return true;
  }

  /** Takes some pages away; the caller lets the CPU's TLBs follow before it runs on. */
  takeSome(): void {
    for (const page of this.#p2m.keys())
      if ((this.#p2m[page]! & L.P2M_PRESENT) !== 0 && this.#chance(GOES) && !this.#recent.includes(page))
        this.#p2m[page] &= ~(L.P2M_PRESENT | L.P2M_COW);
  }

  #place(entry: number): number {
    const from = (entry & ~0xfff) >>> 0;
    const to = this.#spare.shift();
    if (to === undefined) return from;
    this.#bytes.copyWithin(to, from, from + 0x1000);
    // A stale reader must not find the old contents.
    this.#bytes.fill(0xcc, from, from + 0x1000);
    this.#spare.push(from);
    return to;
  }

  /** One time in `n`. Xorshift (Marsaglia 2003). */
  #chance(n: number): boolean {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % n === 0;
  }
}
