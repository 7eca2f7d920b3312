// The memory that a VM's devices have of their own, in the vCPU's worker: the last pages of the VM's memory, in one piece.

import { KIB, MIB, PAGE_SIZE } from '../../base/sizes.ts';
import { DIRTY_BITMAP, MEM_PAGES, P2M } from '../../cpu/abi/layout.ts';
import type { DeviceMemory } from '../../pc/bus/board.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import type { GuestPages } from '../spec/machine-spec.ts';
import { DirtyBitmap } from './dirty-log.ts';
import { P2m } from './p2m.ts';

/** `cpu`: machine address of the CPU block. Undefined if no device has any. */
export function deviceMemory(memory: WebAssembly.Memory, cpu: number, needs: GuestPages): DeviceMemory | undefined {
  const { memoryMiB, romKiB, deviceKiB } = needs;
  if (deviceKiB === 0) return undefined;
  const block = new CpuBlock(memory, cpu);
  const pages = block.u32(MEM_PAGES);
  const firstPage = (memoryMiB * MIB + romKiB * KIB) / PAGE_SIZE;
  const address = new P2m(memory, block.u32(P2M), pages).machineAddress(firstPage);
  if (address === undefined) throw new RangeError('the devices’ memory has not been set aside');
  const bytes = new Uint8Array(memory.buffer, address, deviceKiB * KIB);
  const log = new DirtyBitmap(memory, block.u32(DIRTY_BITMAP), pages);
  const written = (offset: number, size: number) => {
    const last = Math.floor((offset + size - 1) / PAGE_SIZE);
    for (let page = Math.floor(offset / PAGE_SIZE); page <= last; page++) log.mark(firstPage + page);
  };
  return {
    firstPage,
    bytes,
    write(offset, data) {
      bytes.set(data, offset);
      written(offset, data.length);
    },
    written,
  };
}
