// Which guest pages have been written. Logging is always on: a page's first write misses the TLB's write tag anyway, so
// the bit costs nothing, and it tells for free which pages the guest has ever touched.
//
// Two bitmaps, bit n of word n >> 5 for guest page n:
// - `dirty` in machine memory, set by the vCPU worker (the monitor's write slow path) and, with Atomics, by this file;
// - `touched`, private to the host worker: all that was ever taken from `dirty`.
//
// Taking bits is exchange-with-zero. A vCPU may still hold write tags for pages whose bits have just been taken; the caller
// must do a TLB shootdown after taking and read the pages only after that. A write through a stale tag then hits a page
// that is in the taken set and not yet read; a later write sets its bit again. The vCPU's read-modify-write is not
// atomic: losing the race against the exchange sets taken bits again, which costs a page sent twice and loses none.

export class DirtyLog {
  readonly words: number;
  private readonly pages: number;
  private readonly dirty: Int32Array;
  private readonly touched: Uint32Array;

  /** `address`: machine address of the dirty bitmap, a multiple of 4. */
  constructor(memory: WebAssembly.Memory, address: number, pages: number) {
    this.pages = pages;
    this.words = Math.ceil(pages / 32);
    this.dirty = new Int32Array(memory.buffer, address, this.words);
    this.touched = new Uint32Array(this.words);
  }

  mark(page: number): void {
    Atomics.or(this.dirty, page >> 5, 1 << (page & 31));
  }

  /** The pages written since the last call, and clears them. See above for what the caller owes. */
  take(): Uint32Array {
    const taken = new Uint32Array(this.words);
    for (let i = 0; i < this.words; i++) {
      const word = Atomics.exchange(this.dirty, i, 0) >>> 0;
      taken[i] = word;
      this.touched[i] = (this.touched[i] | word) >>> 0;
    }
    return taken;
  }

  /** Pages written since `take` was called. */
  countDirty(): number {
    let count = 0;
    for (let i = 0; i < this.words; i++) count += popcount(Atomics.load(this.dirty, i));
    return count;
  }

  /** Written since the VM's memory was allocated or forgotten? A page that was not is zero. */
  wasTouched(page: number): boolean {
    const word = this.touched[page >> 5] | Atomics.load(this.dirty, page >> 5);
    return ((word >>> (page & 31)) & 1) === 1;
  }

  touchedPages(): number {
    let count = 0;
    for (let i = 0; i < this.words; i++) count += popcount(this.touched[i] | Atomics.load(this.dirty, i));
    return Math.min(count, this.pages);
  }

  /** All pages are zero again. The vCPU must be stopped. */
  forget(): void {
    this.touched.fill(0);
    this.dirty.fill(0);
  }
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
