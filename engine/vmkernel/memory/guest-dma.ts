// A VM's memory for its bus masters, in its vCPU's worker: by guest-physical address through the memory map and the p2m, into the dirty
// log, and with word to the executor when what is overwritten was decoded as code.
//
// Transfers run in the vCPU's worker, between its slices, so a TLB shootdown is never answered halfway through a write: the
// order that dirty-log.ts asks for holds.

import { type MemoryWindow, windowAt } from '../../base/memory-window.ts';
import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import { CODE_MAP, DIRTY_BITMAP, MEM_PAGES, P2M } from '../../cpu/abi/layout.ts';
import { type DmaMemory, PageAbsentError } from '../../pc/bus/device.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { DirtyBitmap } from './dirty-log.ts';
import { P2m } from './p2m.ts';

/** A part of a transfer that lies in one page of memory. */
interface Piece {
  /** Guest-physical. */
  physical: number;
  page: number;
  offset: number;
  size: number;
}

export interface GuestDmaPorts {
  /** Drops what was decoded there (Executor.invalidateCode). */
  codeWritten(physical: number, size: number): void;
  /** Can the page of memory be used now? If not, it has been asked for. */
  need(page: number, write: boolean): boolean;
}

export class GuestDma implements DmaMemory {
  /** What the guest sees where, without overlaps. */
  windows: readonly MemoryWindow[] = [];
  readonly #bytes: Uint8Array;
  readonly #p2m: P2m;
  readonly #log: DirtyBitmap;
  readonly #codeMap: Uint8Array;
  readonly #ports: GuestDmaPorts;

  /** `cpu`: machine address of the CPU block. */
  constructor(memory: WebAssembly.Memory, cpu: number, ports: GuestDmaPorts) {
    const block = new CpuBlock(memory, cpu);
    const pages = block.u32(MEM_PAGES);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#p2m = new P2m(memory, block.u32(P2M), pages);
    this.#log = new DirtyBitmap(memory, block.u32(DIRTY_BITMAP), pages);
    this.#codeMap = new Uint8Array(memory.buffer, block.u32(CODE_MAP), pages);
    this.#ports = ports;
  }

  read(physical: number, into: Uint8Array): boolean {
    return this.#transfer(physical, into.length, 'reads', ({ size }, machine, done) =>
      into.set(this.#bytes.subarray(machine, machine + size), done),
    );
  }

  write(physical: number, bytes: Uint8Array): boolean {
    return this.#transfer(physical, bytes.length, 'writes', ({ page, size }, machine, done) => {
      this.#bytes.set(bytes.subarray(done, done + size), machine);
      this.#log.mark(page);
      if (this.#codeMap[page]) this.#ports.codeWritten(physical + done, size);
    });
  }

  require(physical: number, size: number): boolean {
    if (!this.#pieces(physical, size, 'reads')) return false;
    const pieces = this.#pieces(physical, size, 'writes');
    for (const piece of pieces ?? []) this.#machineAddress(piece, true);
    return pieces !== undefined;
  }

  /** Calls `move` for each piece with its machine address and the bytes before it, once all of them are there. */
  #transfer(
    physical: number,
    length: number,
    way: 'reads' | 'writes',
    move: (piece: Piece, machine: number, done: number) => void,
  ): boolean {
    const pieces = this.#pieces(physical, length, way);
    if (!pieces) return false;
    const addresses = pieces.map((piece) => this.#machineAddress(piece, way === 'writes'));
    for (const [n, piece] of pieces.entries()) move(piece, addresses[n]!, piece.physical - physical);
    return true;
  }

  /** Undefined if a part of [physical, physical + length) is no memory. */
  #pieces(physical: number, length: number, way: 'reads' | 'writes'): Piece[] | undefined {
    const pieces: Piece[] = [];
    for (let done = 0; done < length; ) {
      const frame = Math.floor((physical + done) / PAGE_SIZE);
      const window = windowAt(this.windows, frame);
      const start = window?.[way];
      if (window === undefined || typeof start !== 'number') return undefined;
      const offset = (physical + done) & ~PAGE_MASK;
      const size = Math.min(PAGE_SIZE - offset, length - done);
      pieces.push({ physical: physical + done, page: start + frame - window.first, offset, size });
      done += size;
    }
    return pieces;
  }

  #machineAddress({ physical, page, offset }: Piece, write: boolean): number {
    const machine = this.#ports.need(page, write) ? this.#p2m.machineAddress(page) : undefined;
    if (machine === undefined) throw new PageAbsentError(physical);
    return machine + offset;
  }
}
