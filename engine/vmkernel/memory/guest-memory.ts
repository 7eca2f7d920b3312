// A VM's memory as the host side sees it (loader, migration, device DMA): RAM, numbered as the guest sees it, then ROM, then the
// memory of devices. Every access goes through the p2m and every write is entered in the dirty log.
//
// The vCPU must not run while code pages are written from here: its decoded code is not invalidated. It is stopped whenever a
// loader or an incoming migration writes, and `Executor.stateReplaced` follows.

import { PAGE_SIZE } from '../../base/sizes.ts';
import type { DirtyLog } from './dirty-log.ts';
import type { P2m } from './p2m.ts';

const WORDS = PAGE_SIZE / 4;

export class GuestMemory {
  readonly pages: number;
  /** Of them, RAM. */
  readonly ramPages: number;
  readonly log: DirtyLog;
  readonly #p2m: P2m;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor(memory: WebAssembly.Memory, p2m: P2m, log: DirtyLog, ramPages = p2m.pages) {
    this.pages = p2m.pages;
    this.ramPages = ramPages;
    this.log = log;
    this.#p2m = p2m;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }

  /** Bytes of RAM, from guest-physical 0. */
  get size(): number {
    return this.ramPages * PAGE_SIZE;
  }

  /** Machine address of page `page`. Throws RangeError if there is no such page, or if it is absent. */
  machineAddress(page: number): number {
    const address = this.#p2m.machineAddress(page);
    if (address === undefined) throw new RangeError(`The VM has no page ${page} in memory.`);
    return address;
  }

  /** Is it somewhere else now? */
  isAbsent(page: number): boolean {
    return this.#p2m.machineAddress(page) === undefined;
  }

  /** A copy of [physical, physical + length). Throws RangeError when it reaches outside of RAM. */
  read(physical: number, length: number): Uint8Array<ArrayBuffer> {
    const into = new Uint8Array(length);
    this.readInto(physical, into);
    return into;
  }

  /** Fills `into` from `physical` on. Throws RangeError when it reaches outside of RAM. */
  readInto(physical: number, into: Uint8Array): void {
    this.#forEachPiece(physical, into.length, (machine, done, size) => {
      into.set(this.#bytes.subarray(machine, machine + size), done);
    });
  }

  /** Throws RangeError, before anything is written, when it reaches outside of RAM. */
  write(physical: number, bytes: Uint8Array): void {
    this.#forEachPiece(physical, bytes.length, (machine, done, size, page) => {
      this.#bytes.set(bytes.subarray(done, done + size), machine);
      this.log.mark(page);
    });
  }

  /** Copies one page into the first 4096 bytes of `into`. */
  readPage(page: number, into: Uint8Array): void {
    const machine = this.machineAddress(page);
    into.set(this.#bytes.subarray(machine, machine + PAGE_SIZE));
  }

  writePage(page: number, bytes: Uint8Array): void {
    if (bytes.length !== PAGE_SIZE) throw new RangeError(`A page has ${PAGE_SIZE} bytes, not ${bytes.length}.`);
    this.#bytes.set(bytes, this.machineAddress(page));
    this.log.mark(page);
  }

  /** Makes a page zero, without touching one that is. */
  zeroPage(page: number): void {
    const machine = this.machineAddress(page);
    if (this.isZero(page)) return;
    this.#bytes.fill(0, machine, machine + PAGE_SIZE);
    this.log.mark(page);
  }

  isZero(page: number): boolean {
    if (!this.log.wasTouched(page)) return true;
    const first = this.machineAddress(page) / 4;
    const words = this.#words;
    for (let i = first; i < first + WORDS; i++) if (words[i] !== 0) return false;
    return true;
  }

  /** All of it zero and untouched, as at power-on. The vCPU must be stopped. */
  clear(): void {
    for (let page = 0; page < this.pages; page++) {
      const machine = this.#p2m.machineAddress(page);
      // Absent pages are their supply's to clear.
      if (machine !== undefined && this.log.wasTouched(page)) this.#bytes.fill(0, machine, machine + PAGE_SIZE);
    }
    this.log.forget();
  }

  #forEachPiece(
    physical: number,
    length: number,
    piece: (machine: number, done: number, size: number, page: number) => void,
  ): void {
    if (physical < 0 || length < 0 || physical + length > this.size) {
      throw new RangeError(
        `Guest-physical 0x${physical.toString(16)}, ${length} bytes: not in ${this.size} bytes of RAM.`,
      );
    }
    for (let done = 0; done < length; ) {
      const page = Math.floor((physical + done) / PAGE_SIZE);
      const offset = (physical + done) % PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - offset, length - done);
      piece(this.machineAddress(page) + offset, done, size, page);
      done += size;
    }
  }
}
