// Guest memory for the bus masters of one VM, in its vCPU's worker: through the p2m, into the dirty log, and with word to the
// executor when what is overwritten was decoded as code.
//
// Transfers run in the vCPU's worker, between its slices, so a TLB shootdown is never answered halfway through a write: the
// order that dirty-log.ts asks for holds.

import { PAGE_SIZE } from '../../base/sizes.ts';
import { CODE_MAP, DIRTY_BITMAP, MEM_PAGES, P2M, P2M_PRESENT } from '../../cpu/abi/layout.ts';
import { type DmaMemory, PageAbsentError } from '../../pc/bus/device.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { DirtyLog } from './dirty-log.ts';
import { GuestMemory } from './guest-memory.ts';

export class GuestDma implements DmaMemory {
  private readonly guest: GuestMemory;
  private readonly p2m: Uint32Array;
  private readonly codeMap: Uint8Array;
  private readonly codeWritten: (physical: number, size: number) => void;

  /** `cpu`: machine address of the CPU block. `codeWritten`: drop what was decoded there (Executor.invalidateCode). */
  constructor(memory: WebAssembly.Memory, cpu: number, codeWritten: (physical: number, size: number) => void) {
    const block = new CpuBlock(memory, cpu);
    const pages = block.u32(MEM_PAGES);
    this.guest = new GuestMemory(memory, block.u32(P2M), pages, new DirtyLog(memory, block.u32(DIRTY_BITMAP), pages));
    this.p2m = new Uint32Array(memory.buffer, block.u32(P2M), pages);
    this.codeMap = new Uint8Array(memory.buffer, block.u32(CODE_MAP), pages);
    this.codeWritten = codeWritten;
  }

  read(physical: number, into: Uint8Array): boolean {
    if (!this.require(physical, into.length)) return false;
    this.guest.readInto(physical, into);
    return true;
  }

  write(physical: number, bytes: Uint8Array): boolean {
    if (!this.require(physical, bytes.length)) return false;
    this.guest.write(physical, bytes);
    if (this.holdsCode(physical, bytes.length)) this.codeWritten(physical, bytes.length);
    return true;
  }

  require(physical: number, size: number): boolean {
    const end = physical + size;
    if (end > this.guest.size) return false;
    for (let page = Math.floor(physical / PAGE_SIZE); page * PAGE_SIZE < end; page++)
      if ((this.p2m[page] & P2M_PRESENT) === 0) throw new PageAbsentError(Math.max(physical, page * PAGE_SIZE));
    return true;
  }

  private holdsCode(physical: number, size: number): boolean {
    const last = Math.floor((physical + size - 1) / PAGE_SIZE);
    for (let page = Math.floor(physical / PAGE_SIZE); page <= last; page++) if (this.codeMap[page]) return true;
    return false;
  }
}
