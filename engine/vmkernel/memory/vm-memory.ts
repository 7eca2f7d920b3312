// All the machine memory of one VM: its CPU block, record arena, p2m, dirty bitmap and code map as contiguous ranges; RAM, ROM and the
// memory of devices page by page wherever the host has pages. Fills in the CPU block's fields of the host side; where the guest sees
// the pages is said by the machine (pc/bus/memory-map.ts).

import { KIB, MIB, PAGE_SIZE } from '../../base/sizes.ts';
import {
  A20_MASK,
  ARENA_BASE,
  ARENA_SIZE,
  CODE_MAP,
  CPU_BLOCK_SIZE,
  DIRTY_BITMAP,
  MEM_PAGES,
  P2M,
  VCPU_STOPPED,
} from '../../cpu/abi/layout.ts';
import type { GuestPages } from '../spec/machine-spec.ts';
import type { VmOverhead } from '../spec/spec.ts';
import { DirtyBitmap, DirtyLog } from './dirty-log.ts';
import { GuestMemory } from './guest-memory.ts';
import { type MachineMemory, noRoom, noRoomEver, OutOfMemoryError } from './machine-memory.ts';
import { P2m } from './p2m.ts';
import type { PageSupply } from './page-supply.ts';

/** Bytes for decoded instructions, 32 each. */
export const DEFAULT_ARENA_SIZE = 9 * 1024 * 1024;

/** Bytes; spec.ts says what of. */
export type MemoryOverhead = Omit<VmOverhead, 'translations'>;

interface GuestPageCounts {
  ram: number;
  rom: number;
  device: number;
  all: number;
}

interface Range {
  address: number;
  size: number;
}

/** Sizes in bytes of what a VM of `guestPages` needs beside these. */
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
export interface MemoryNeeds extends Partial<GuestPages> {
  memoryMiB: number;
  /** Bytes for decoded instructions; DEFAULT_ARENA_SIZE if left out. */
  arenaSize?: number;
}

function guestPagesOf({ memoryMiB, romKiB = 0, deviceKiB = 0 }: MemoryNeeds): GuestPageCounts {
  const [ram, rom, device] = [memoryMiB * MIB, romKiB * KIB, deviceKiB * KIB].map((size) => size / PAGE_SIZE);
  return { ram, rom, device, all: ram + rom + device };
}

/** Machine pages that a VM takes: its memory and overhead. */
export function pagesNeeded(needs: MemoryNeeds): number {
  const { all } = guestPagesOf(needs);
  const ranges = Object.values(overhead(all, needs.arenaSize ?? DEFAULT_ARENA_SIZE));
  return all + ranges.reduce((sum, size) => sum + Math.ceil(size / PAGE_SIZE), 0);
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
  readonly p2m: P2m;
  /** Brings pages that are absent; without one none ever is. */
  supply: PageSupply | undefined;
  /** Bytes beside the guest's pages. */
  readonly overhead: MemoryOverhead;
  readonly #host: MachineMemory;
  readonly #ranges: Range[] = [];

  /** Throws OutOfMemoryError; then nothing stays allocated. */
  constructor(host: MachineMemory, needs: MemoryNeeds) {
    const refused = admission(host, needs);
    if (refused) throw new OutOfMemoryError(refused);
    const { arenaSize = DEFAULT_ARENA_SIZE } = needs;
    this.#host = host;
    const { ram, rom, device, all: guestPages } = guestPagesOf(needs);
    const sizes = overhead(guestPages, arenaSize);
    this.overhead = { cpu: sizes.cpu, code: sizes.arena, pages: sizes.p2m + sizes.dirty + sizes.codeMap };
    try {
      this.cpu = this.#range(sizes.cpu);
      const arena = this.#range(sizes.arena);
      const p2m = this.#range(sizes.p2m);
      const dirty = this.#range(sizes.dirty);
      const codeMap = this.#range(sizes.codeMap);
      this.p2m = new P2m(host.memory, p2m, guestPages, ram + rom);
      for (let page = 0; page < ram + rom; page++) this.p2m.give(page, host.allocatePage());
      // Devices reach their memory by its machine address: it lies in one piece and stays.
      const devices = device > 0 ? this.#range(device * PAGE_SIZE) : 0;
      for (let page = 0; page < device; page++) this.p2m.give(ram + rom + page, devices + page * PAGE_SIZE);
      const log = new DirtyLog(new DirtyBitmap(host.memory, dirty, guestPages), guestPages);
      this.guest = new GuestMemory(host.memory, this.p2m, log, ram);

      const block = new DataView(host.memory.buffer, this.cpu, CPU_BLOCK_SIZE);
      block.setUint32(MEM_PAGES, guestPages, true);
      block.setUint32(P2M, p2m, true);
      block.setUint32(DIRTY_BITMAP, dirty, true);
      block.setUint32(CODE_MAP, codeMap, true);
      block.setUint32(VCPU_STOPPED, 1, true);
      block.setUint32(ARENA_BASE, arena, true);
      block.setUint32(ARENA_SIZE, arenaSize, true);
      block.setUint32(A20_MASK, 0xffffffff, true);
    } catch (error) {
      this.#freeRanges();
      throw error;
    }
  }

  /** Puts firmware into the ROM. Throws RangeError unless it is as large as that. */
  writeRom(bytes: Uint8Array): void {
    const { ramPages } = this.guest;
    const pages = this.p2m.movablePages;
    const size = (pages - ramPages) * PAGE_SIZE;
    if (bytes.length !== size)
      throw new RangeError(
        `The firmware image has ${bytes.length / KIB} KiB; the VM was set up for ${size / KIB} KiB.`,
      );
    for (let page = ramPages; page < pages; page++) {
      const at = (page - ramPages) * PAGE_SIZE;
      this.store(page, bytes.subarray(at, at + PAGE_SIZE));
    }
  }

  /** What the page holds from now on; undefined: zero. The vCPU must be stopped. Throws RangeError if there is no such page. */
  store(page: number, contents: Uint8Array | undefined): void {
    if (this.supply && page < this.p2m.pages && this.guest.isAbsent(page)) this.supply.store(page, contents);
    else if (contents) this.guest.writePage(page, contents);
    else this.guest.zeroPage(page);
  }

  /** All of it zero, as at power-on. The vCPU must be stopped. */
  clear(): void {
    this.guest.clear();
    this.supply?.clear();
  }

  /** Writes [physical, physical + bytes.length) of RAM, once its pages are there. Rejects with RangeError outside of RAM. */
  async write(physical: number, bytes: Uint8Array): Promise<void> {
    let page = Math.floor(physical / PAGE_SIZE);
    while (this.supply && page * PAGE_SIZE < physical + bytes.length) {
      if (this.p2m.isUsable(page, true)) page++;
      else {
        await this.supply.bring(page);
        // Others may have gone meanwhile.
        page = Math.floor(physical / PAGE_SIZE);
      }
    }
    this.guest.write(physical, bytes);
  }

  /** Gives everything back. No vCPU may use it any more. */
  free(): void {
    this.supply?.free();
    for (let page = 0; page < this.p2m.movablePages; page++) {
      const machine = this.p2m.machineAddress(page);
      if (machine !== undefined) this.#host.freePage(machine, !this.guest.log.wasTouched(page));
    }
    this.#freeRanges();
  }

  #range(size: number): number {
    const address = this.#host.allocateRange(size);
    this.#ranges.push({ address, size });
    return address;
  }

  #freeRanges(): void {
    for (const { address, size } of this.#ranges.splice(0)) this.#host.freeRange(address, size);
  }
}
