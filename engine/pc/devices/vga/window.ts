// The CPU's window at A0000h: where it is, and whether it leads to the memory as if that were RAM, to the planes, or nowhere. What an access of
// the planes does is the CPU's (cpu/monitor/memory/planar.ts); registers that the planes alone depend on it writes without the device.

import type { MemoryWindow } from '../../../base/memory-window.ts';
import {
  GC_BIT_MASK,
  GC_ENABLE_SET_RESET,
  GC_MODE,
  GC_ROTATE,
  MEMORY_CHAIN_4,
  MODE_READ_COMPARE,
  MODE_WRITE,
  SEQ_MAP_MASK,
  SEQ_MEMORY_MODE,
} from '../../../base/planar-registers.ts';
import { PAGE_SHIFT } from '../../../base/sizes.ts';
import type { DeviceMemory } from '../../bus/board.ts';
import { LAYER_PCI, type MemoryMap } from '../../bus/memory-map.ts';
import type { PlanarMemory } from '../../bus/planar-memory.ts';
import { GC_MISCELLANEOUS, MODE_256_COLORS, MODE_PAIRS, OUTPUT_MEMORY, type VgaRegisters } from './registers.ts';

export const WINDOW = 0xa0000;
export const WINDOW_SIZE = 0x20000;

const ALL_PLANES = 0x0f;
const ALL_BITS = 0xff;

/** Where the window is, from A0000h on: by bits 2 and 3 of the graphics controller's miscellaneous register. */
const WINDOWS = [
  { first: 0, size: 0x20000 },
  { first: 0, size: 0x10000 },
  { first: 0x10000, size: 0x8000 },
  { first: 0x18000, size: 0x8000 },
] as const;

/** What the VBE interface says of it. */
export interface WindowMode {
  /** The window shows bytes, whatever the registers of the VGA say. */
  linear: boolean;
  /** Bytes of the memory before the window's start. */
  bank: number;
  /** Positions wrap here: a power of two less one. */
  mask: number;
}

export class VideoWindow {
  readonly #registers: VgaRegisters;
  readonly #planar: PlanarMemory;
  readonly #memory: DeviceMemory;
  readonly #map: MemoryMap;

  constructor(registers: VgaRegisters, planar: PlanarMemory, memory: DeviceMemory, map: MemoryMap) {
    this.#registers = registers;
    this.#planar = planar;
    this.#memory = memory;
    this.#map = map;
  }

  /** To be called when what it depends on has changed. */
  update(mode: WindowMode): void {
    this.#listen(mode.linear);
    this.#map.set('video window', LAYER_PCI, this.#windows(mode));
  }

  #windows({ linear, bank, mask }: WindowMode): MemoryWindow[] {
    const { graphics, output } = this.#registers;
    if (!(output & OUTPUT_MEMORY)) return [];
    const window = WINDOWS[(graphics[GC_MISCELLANEOUS]! >> 2) & 3]!;
    const first = (WINDOW + window.first) >>> PAGE_SHIFT;
    const pages = window.size >>> PAGE_SHIFT;
    if (linear || this.#isPlain) return this.#plain(first, pages, bank);
    this.#planar.setWindow({ firstPage: first, memoryPage: this.#memory.firstPage, mask, bank });
    return [{ first, pages, reads: 'planar', writes: 'planar' }];
  }

  /** As RAM. What the last bank has beyond the end of the memory is its start. */
  #plain(first: number, pages: number, bank: number): MemoryWindow[] {
    const { firstPage, bytes } = this.#memory;
    const skipped = bank >>> PAGE_SHIFT;
    const before = Math.min(pages, (bytes.length >>> PAGE_SHIFT) - skipped);
    const at = firstPage + skipped;
    return [
      { first, pages: before, reads: at, writes: at },
      { first: first + before, pages: pages - before, reads: firstPage, writes: firstPage },
    ];
  }

  /** Do the registers ask nothing of the latches, so that the CPU sees the memory byte by byte? */
  get #isPlain(): boolean {
    const { sequencer, graphics } = this.#registers;
    return (
      (sequencer[SEQ_MEMORY_MODE]! & MEMORY_CHAIN_4) !== 0 &&
      sequencer[SEQ_MAP_MASK] === ALL_PLANES &&
      (graphics[GC_MODE]! & (MODE_READ_COMPARE | MODE_WRITE)) === 0 &&
      graphics[GC_ENABLE_SET_RESET] === 0 &&
      graphics[GC_ROTATE] === 0 &&
      graphics[GC_BIT_MASK] === 0xff
    );
  }

  /** Which writes of registers the device must see: those that may change the picture, or where the window leads. */
  #listen(linear: boolean): void {
    const { sequencer, graphics } = this.#planar;
    const chained = !linear && (sequencer.values[SEQ_MEMORY_MODE]! & MEMORY_CHAIN_4) !== 0;
    const ofPlain = chained ? ALL_BITS : 0;
    sequencer.loud.fill(ALL_BITS);
    sequencer.loud[SEQ_MAP_MASK] = ofPlain;
    sequencer.loud[SEQ_MEMORY_MODE] = MEMORY_CHAIN_4;
    graphics.loud.fill(0);
    for (const register of [GC_ENABLE_SET_RESET, GC_ROTATE, GC_BIT_MASK]) graphics.loud[register] = ofPlain;
    graphics.loud[GC_MODE] = ofPlain | MODE_PAIRS | MODE_256_COLORS;
    graphics.loud[GC_MISCELLANEOUS] = ALL_BITS;
  }
}
