// Which pages of a VM's memory have been written. Logging is always on: a page's first write misses the TLB's write tag anyway, so
// the bit costs nothing, and it also shows which pages the guest has ever touched.
//
// One bitmap in machine memory, bit n of word n >> 5 for page n, is set by the vCPU worker (the monitor's write slow path, devices'
// DMA) and by the host worker. Each user of the log is a client with a bitmap of its own, private to the host worker:
// taking exchanges the shared bits with zero and enters them for every client, so that none loses what another has taken.
//
// A vCPU may still hold write tags for pages whose bits have just been taken; the caller must do a TLB shootdown after
// taking and read the pages only after that. A write through a stale tag then hits a page that is in the taken set and not
// yet read; a later write sets its bit again. Only the tags of the pages taken are withdrawn: who looks at a few pages
// leaves the others alone.

/** The bits themselves, for code that writes memory. */
export class DirtyBitmap {
  readonly words: Int32Array;

  /** `address`: machine address, a multiple of 4. */
  constructor(memory: WebAssembly.Memory, address: number, pages: number) {
    this.words = new Int32Array(memory.buffer, address, Math.ceil(pages / 32));
  }

  mark(page: number): void {
    Atomics.or(this.words, page >> 5, 1 << (page & 31));
  }
}

/** A client gets the pages written since it was opened, or since it took them last. */
export interface DirtyLogClient {
  /** Returns the pages written, of a range if one is given, and clears their bits. The caller owes a shootdown. */
  take(first?: number, pages?: number): Uint32Array;
  /** Is there one of the range to take? Clears nothing. */
  any(first: number, pages: number): boolean;
  count(): number;
  close(): void;
}

export class DirtyLog {
  readonly #pages: number;
  readonly #bits: DirtyBitmap;
  readonly #touched: Uint32Array;
  /** What each client has still to take, besides the shared bits. */
  readonly #clients = new Set<Uint32Array>();

  constructor(bits: DirtyBitmap, pages: number) {
    this.#bits = bits;
    this.#pages = pages;
    this.#touched = new Uint32Array(bits.words.length);
  }

  mark(page: number): void {
    this.#bits.mark(page);
  }

  /** The caller owes a shootdown; writes from then on are logged for the client. */
  open(): DirtyLogClient {
    this.#collect(0, this.#pages);
    const pending = new Uint32Array(this.#bits.words.length);
    this.#clients.add(pending);
    return {
      take: (first = 0, pages = this.#pages - first) => {
        this.#collect(first, pages);
        return taken(pending, first, pages);
      },
      any: (first, pages) => {
        let found = 0;
        eachWord(first, pages, (i, mask) => {
          found |= (pending[i]! | Atomics.load(this.#bits.words, i)) & mask;
        });
        return found !== 0;
      },
      count: () => {
        let count = 0;
        for (const [i, word] of pending.entries()) count += popcount(word | Atomics.load(this.#bits.words, i));
        return count;
      },
      close: () => this.#clients.delete(pending),
    };
  }

  /** Written since the VM's memory was allocated or forgotten? A page that was not is zero. */
  wasTouched(page: number): boolean {
    const word = this.#touched[page >> 5] | Atomics.load(this.#bits.words, page >> 5);
    return ((word >>> (page & 31)) & 1) === 1;
  }

  touchedPages(): number {
    let count = 0;
    for (const [i, word] of this.#touched.entries()) count += popcount(word | Atomics.load(this.#bits.words, i));
    return count;
  }

  /** All pages are zero again. The vCPU must be stopped. */
  forget(): void {
    this.#touched.fill(0);
    this.#bits.words.fill(0);
    for (const pending of this.#clients) pending.fill(0);
  }

  /** Takes the shared bits of a range and enters them for every client. */
  #collect(first: number, pages: number): void {
    const { words } = this.#bits;
    eachWord(first, pages, (i, mask) => {
      if (Atomics.load(words, i) === 0) return;
      const written = Atomics.and(words, i, ~mask) & mask;
      this.#touched[i] |= written;
      for (const pending of this.#clients) pending[i] |= written;
    });
  }
}

/** The bits of a range of `pending`, which then are no longer set there. */
function taken(pending: Uint32Array, first: number, pages: number): Uint32Array {
  const bits = new Uint32Array(pending.length);
  eachWord(first, pages, (i, mask) => {
    bits[i] = pending[i]! & mask;
    pending[i] &= ~mask;
  });
  return bits;
}

/** Calls back for each word that bits of the pages lie in, with a mask of these. */
function eachWord(first: number, pages: number, callback: (word: number, mask: number) => void): void {
  const end = first + pages;
  for (let i = first >> 5; i * 32 < end; i++) {
    const low = Math.max(first - i * 32, 0);
    const high = Math.min(end - i * 32, 32);
    const upTo = high === 32 ? -1 : (1 << high) - 1;
    callback(i, upTo & ~((1 << low) - 1));
  }
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
