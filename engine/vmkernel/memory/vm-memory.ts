// All the machine memory of one VM: its CPU block, record arena, p2m, dirty bitmap and code map as contiguous ranges, its
// ROM too, its RAM page by page wherever the host has pages. Fills in the CPU block's fields of the host side.

import { PAGE_SIZE } from '../../base/sizes.ts';
import {
  A20_MASK,
  ARENA_BASE,
  ARENA_SIZE,
  CODE_MAP,
  CPU_BLOCK_SIZE,
  DIRTY_BITMAP,
  MEM_PAGES,
  P2M,
  P2M_PRESENT,
  ROM_BASE,
  ROM_PAGES,
} from '../../cpu/abi/layout.ts';
import type { VmOverhead } from '../spec/spec.ts';
import { DirtyLog } from './dirty-log.ts';
import { GuestMemory } from './guest-memory.ts';
import { type MachineMemory, noRoom, noRoomEver, OutOfMemoryError } from './machine-memory.ts';
import { VmPages } from './vm-pages.ts';

/** Bytes for decoded instructions, 32 each. */
export const DEFAULT_ARENA_SIZE = 9 * 1024 * 1024;

/** Bytes; spec.ts says what of. */
export type MemoryOverhead = Omit<VmOverhead, 'translations'>;

interface Range {
  address: number;
  size: number;
}

/** Sizes in bytes of what a VM of `guestPages` needs beside its RAM. */
function overhead(guestPages: number, arenaSize: number) {
  return {
    cpu: CPU_BLOCK_SIZE,
    arena: arenaSize,
    p2m: guestPages * 4,
    dirty: Math.ceil(guestPages / 32) * 4,
    codeMap: guestPages,
  };
}

/** What decides how much machine memory a VM takes. */
export interface MemoryNeeds {
  memoryMiB: number;
  /** Of its ROM; none if left out. */
  romKiB?: number;
  /** Bytes for decoded instructions; DEFAULT_ARENA_SIZE if left out. */
  arenaSize?: number;
}

/** Machine pages that a VM takes: RAM, ROM and overhead. */
export function pagesNeeded({ memoryMiB, romKiB = 0, arenaSize = DEFAULT_ARENA_SIZE }: MemoryNeeds): number {
  const guestPages = (memoryMiB * 1024 * 1024) / PAGE_SIZE;
  const ranges = [...Object.values(overhead(guestPages, arenaSize)), romKiB * 1024];
  return guestPages + ranges.reduce((sum, size) => sum + Math.ceil(size / PAGE_SIZE), 0);
}

/** Why a VM does not fit, for the user; undefined when it does. */
export function admission(host: MachineMemory, needs: MemoryNeeds): string | undefined {
  const needed = pagesNeeded(needs);
  return needed > host.freePages ? noRoom(needed, host.freePages) : undefined;
}

/** Why a VM fits on no host of this size, however empty, for the user; undefined when it does. */
export function unfit(host: MachineMemory, needs: MemoryNeeds): string | undefined {
  const needed = pagesNeeded(needs);
  return needed > host.usablePages ? noRoomEver(needed, host.usablePages) : undefined;
}

export class VmMemory {
  /** Machine address of the CPU block. */
  readonly cpu: number;
  readonly guest: GuestMemory;
  /** The guest cannot write it. Empty if there is none; written once, before the vCPU first runs. */
  readonly rom: Uint8Array;
  /** What moves with the VM. */
  readonly pages: VmPages;
  /** Bytes beside RAM and ROM. */
  readonly overhead: MemoryOverhead;
  private readonly host: MachineMemory;
  private readonly ranges: Range[] = [];

  /** Throws OutOfMemoryError; then nothing stays allocated. */
  constructor(host: MachineMemory, needs: MemoryNeeds) {
    const refused = admission(host, needs);
    if (refused) throw new OutOfMemoryError(refused);
    const { memoryMiB, romKiB = 0, arenaSize = DEFAULT_ARENA_SIZE } = needs;
    this.host = host;
    const guestPages = (memoryMiB * 1024 * 1024) / PAGE_SIZE;
    const sizes = overhead(guestPages, arenaSize);
    this.overhead = { cpu: sizes.cpu, code: sizes.arena, pages: sizes.p2m + sizes.dirty + sizes.codeMap };
    try {
      this.cpu = this.range(sizes.cpu);
      const arena = this.range(sizes.arena);
      const p2m = this.range(sizes.p2m);
      const dirty = this.range(sizes.dirty);
      const codeMap = this.range(sizes.codeMap);
      const table = new Uint32Array(host.memory.buffer, p2m, guestPages);
      for (let page = 0; page < guestPages; page++) table[page] = host.allocatePage() | P2M_PRESENT;
      const romSize = romKiB * 1024;
      const rom = romSize > 0 ? this.range(romSize) : 0;
      const log = new DirtyLog(host.memory, dirty, guestPages);
      this.guest = new GuestMemory(host.memory, p2m, guestPages, log);
      this.rom = new Uint8Array(host.memory.buffer, rom, romSize);
      this.pages = new VmPages(this.guest, this.rom);

      const block = new DataView(host.memory.buffer, this.cpu, CPU_BLOCK_SIZE);
      block.setUint32(MEM_PAGES, guestPages, true);
      block.setUint32(P2M, p2m, true);
      block.setUint32(DIRTY_BITMAP, dirty, true);
      block.setUint32(CODE_MAP, codeMap, true);
      block.setUint32(ARENA_BASE, arena, true);
      block.setUint32(ARENA_SIZE, arenaSize, true);
      block.setUint32(A20_MASK, 0xffffffff, true);
      block.setUint32(ROM_BASE, rom, true);
      block.setUint32(ROM_PAGES, romSize / PAGE_SIZE, true);
    } catch (error) {
      this.freeRanges();
      throw error;
    }
  }

  /** Gives everything back. No vCPU may use it any more. */
  free(): void {
    for (let page = 0; page < this.guest.pages; page++) {
      this.host.freePage(this.guest.machineAddress(page), !this.guest.log.wasTouched(page));
    }
    this.freeRanges();
  }

  private range(size: number): number {
    const address = this.host.allocateRange(size);
    this.ranges.push({ address, size });
    return address;
  }

  private freeRanges(): void {
    for (const { address, size } of this.ranges.splice(0)) this.host.freeRange(address, size);
  }
}
