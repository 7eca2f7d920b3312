// Puts the registers behind a BAR where the guest has placed it. A place that is taken stays with its device, and the BAR
// decodes nothing: on a real board, what happens when two devices answer at once is undefined.
import { PAGE_SHIFT } from '../../../base/sizes.ts';
import type { OptionRom } from '../../bus/board.ts';
import { LAYER_PCI, type MemoryMap } from '../../bus/memory-map.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import type { IoPortBus } from '../../bus/port-bus.ts';

/** `offset` counts from the BAR's first address. Sizes are bytes: 1, 2 or 4. */
export interface BarHandler {
  read(offset: number, size: number): number;
  write(offset: number, size: number, value: number): void;
}

/** To be called with the BAR's address, undefined for nowhere: what PciDevice.defineBar calls `map`. */
type Map = (address: number | undefined) => void;

export function portWindow(ports: IoPortBus, size: number, handler: BarHandler): Map {
  let mapped: number | undefined;
  return (address) => {
    if (mapped !== undefined) ports.unregister(mapped);
    mapped = address !== undefined && ports.isFree(address, size) ? address : undefined;
    if (mapped === undefined) return;
    const base = mapped;
    ports.register(base, size, {
      read: (port, width) => handler.read(port - base, width),
      write: (port, width, value) => handler.write(port - base, width, value),
    });
  };
}

export function memoryWindow(mmio: MmioBus, size: number, handler: BarHandler): Map {
  let mapped: number | undefined;
  return (address) => {
    if (mapped !== undefined) mmio.unregister(mapped);
    mapped = address !== undefined && mmio.isFree(address, size) ? address : undefined;
    if (mapped !== undefined) mmio.register(mapped, size, handler);
  };
}

/** A ROM in the VM's memory: the guest reads it like RAM. `owner`: whose layer of the memory map it is. */
export function romWindow(map: MemoryMap, owner: string, { firstPage, pages }: OptionRom): Map {
  return (address) => {
    const first = address === undefined ? undefined : address >>> PAGE_SHIFT;
    map.set(owner, LAYER_PCI, first === undefined ? [] : [{ first, pages, reads: firstPage, writes: 'dropped' }]);
  };
}
