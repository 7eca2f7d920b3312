// Guest memory for the bus masters of one VM, in its vCPU's worker: through the p2m, into the dirty log, and with word to the
// executor when what is overwritten was decoded as code.
//
// Devices run in the vCPU's worker, inside or between its slices, so a TLB shootdown is never answered halfway through a
// write: the order that dirty-log.ts asks for holds.

import { PAGE_SIZE } from '../../base/sizes.ts';
import { CODE_MAP, DIRTY_BITMAP, MEM_PAGES, P2M } from '../../cpu/abi/layout.ts';
import type { DmaMemory } from '../../pc/bus/device.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { DirtyLog } from './dirty-log.ts';
import { GuestMemory } from './guest-memory.ts';

export class GuestDma implements DmaMemory {
  private readonly guest: GuestMemory;
  private readonly codeMap: Uint8Array;
  private readonly codeWritten: (physical: number, size: number) => void;

  /** `cpu`: machine address of the CPU block. `codeWritten`: drop what was decoded there (Executor.invalidateCode). */
  constructor(memory: WebAssembly.Memory, cpu: number, codeWritten: (physical: number, size: number) => void) {
    const block = new CpuBlock(memory, cpu);
    const pages = block.u32(MEM_PAGES);
    this.guest = new GuestMemory(memory, block.u32(P2M), pages, new DirtyLog(memory, block.u32(DIRTY_BITMAP), pages));
    this.codeMap = new Uint8Array(memory.buffer, block.u32(CODE_MAP), pages);
    this.codeWritten = codeWritten;
  }

  read(physical: number, into: Uint8Array): boolean {
    if (!this.inRam(physical, into.length)) return false;
    this.guest.readInto(physical, into);
    return true;
  }

  write(physical: number, bytes: Uint8Array): boolean {
    if (!this.inRam(physical, bytes.length)) return false;
    this.guest.write(physical, bytes);
    if (this.holdsCode(physical, bytes.length)) this.codeWritten(physical, bytes.length);
    return true;
  }

  private inRam(physical: number, size: number): boolean {
    return physical + size <= this.guest.size;
  }

  private holdsCode(physical: number, size: number): boolean {
    const last = Math.floor((physical + size - 1) / PAGE_SIZE);
    for (let page = Math.floor(physical / PAGE_SIZE); page <= last; page++) if (this.codeMap[page]) return true;
    return false;
  }
}
