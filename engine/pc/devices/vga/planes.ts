// The CPU's way to the four planes through the window at A0000h: addressing, latches, read modes and write modes (IBM VGA Technical
// Reference, graphics controller and sequencer; FreeVGA, "accessing the VGA display memory").
//
// Four bytes at the same address of the planes lie side by side as one little-endian word (pc/bus/display.ts), so the latches are one word
// and a write of all planes is one store. With odd/even addressing, and with chain 4, the CPU's address counts through the planes; the
// positions so addressed follow each other without gaps here, and the CRT controller's word and doubleword modes, which skip the gaps
// on the hardware, need nothing of their own.

import type { DeviceMemory } from '../../bus/board.ts';
import {
  GC_BIT_MASK,
  GC_COLOR_COMPARE,
  GC_COLOR_DONT_CARE,
  GC_ENABLE_SET_RESET,
  GC_MISCELLANEOUS,
  GC_MODE,
  GC_READ_MAP,
  GC_ROTATE,
  GC_SET_RESET,
  MEMORY_CHAIN_4,
  MEMORY_NOT_ODD_EVEN,
  MODE_ODD_EVEN,
  MODE_READ_COMPARE,
  OUTPUT_MEMORY,
  SEQ_MAP_MASK,
  SEQ_MEMORY_MODE,
  type VgaRegisters,
} from './registers.ts';

/** For each set of planes their bytes in a word. */
export const PLANE_BYTES = Uint32Array.from(
  { length: 16 },
  (_, planes) =>
    ((planes & 1 ? 0xff : 0) | (planes & 2 ? 0xff00 : 0) | (planes & 4 ? 0xff0000 : 0)) + (planes & 8 ? 0xff000000 : 0),
);

const ALL_PLANES = 0x0f;
const ODD_PLANES = 0x0a;
const EVEN_PLANES = 0x05;
const EVERY_BYTE = 0x01010101;

/** Where the window is, from A0000h on: by bits 2 and 3 of the graphics controller's miscellaneous register. */
const WINDOWS = [
  { first: 0, size: 0x20000 },
  { first: 0, size: 0x10000 },
  { first: 0x10000, size: 0x8000 },
  { first: 0x18000, size: 0x8000 },
] as const;

export class Planes {
  readonly #registers: VgaRegisters;
  readonly #memory: DeviceMemory;
  readonly #words: Uint32Array;
  latches = 0;
  /** A linear mode of the VBE interface: the window shows bytes, whatever the registers of the VGA say. */
  linear = false;
  /** Bytes of the memory before the window's start. */
  bank = 0;
  /** Positions wrap here: a power of two less one. */
  mask = 0xffff;

  constructor(registers: VgaRegisters, memory: DeviceMemory) {
    this.#registers = registers;
    this.#memory = memory;
    const { buffer, byteOffset, length } = memory.bytes;
    this.#words = new Uint32Array(buffer, byteOffset, length / 4);
  }

  get window(): { first: number; size: number } {
    return WINDOWS[(this.#registers.graphics[GC_MISCELLANEOUS]! >> 2) & 3]!;
  }

  /** Does the CPU see the memory byte by byte, as if it were RAM? */
  get isPlain(): boolean {
    const { sequencer, graphics, output } = this.#registers;
    if (!(output & OUTPUT_MEMORY)) return false;
    if (this.linear) return true;
    return (
      (sequencer[SEQ_MEMORY_MODE]! & MEMORY_CHAIN_4) !== 0 &&
      sequencer[SEQ_MAP_MASK] === ALL_PLANES &&
      (graphics[GC_MODE]! & (MODE_READ_COMPARE | 3)) === 0 &&
      graphics[GC_ENABLE_SET_RESET] === 0 &&
      graphics[GC_ROTATE] === 0 &&
      graphics[GC_BIT_MASK] === 0xff
    );
  }

  /** `offset`: bytes from A0000h on. Outside of the window the bus is empty. */
  read(offset: number): number {
    const { sequencer, graphics, output } = this.#registers;
    const { first, size } = this.window;
    let address = offset - first;
    if (address < 0 || address >= size || !(output & OUTPUT_MEMORY)) return 0xff;
    if (this.linear) return this.#memory.bytes[(this.bank + address) % this.#memory.bytes.length]!;
    let plane = graphics[GC_READ_MAP]!;
    const chained = (sequencer[SEQ_MEMORY_MODE]! & MEMORY_CHAIN_4) !== 0;
    if (chained) {
      address += this.bank;
      plane = address & 3;
      address >>>= 2;
    } else if (graphics[GC_MODE]! & MODE_ODD_EVEN) {
      plane = (plane & 2) | (address & 1);
      address >>>= 1;
    } else {
      address += this.bank;
    }
    const latches = this.#words[address & this.mask]!;
    this.latches = latches;
    // Chain 4 takes the plane from the address, whatever the read mode.
    if (chained || !(graphics[GC_MODE]! & MODE_READ_COMPARE)) return (latches >>> (8 * plane)) & 0xff;
    const differs = (latches ^ PLANE_BYTES[graphics[GC_COLOR_COMPARE]!]!) & PLANE_BYTES[graphics[GC_COLOR_DONT_CARE]!]!;
    return ~(differs | (differs >>> 8) | (differs >>> 16) | (differs >>> 24)) & 0xff;
  }

  write(offset: number, value: number): void {
    const { sequencer, graphics, output } = this.#registers;
    const { first, size } = this.window;
    let address = offset - first;
    if (address < 0 || address >= size || !(output & OUTPUT_MEMORY)) return;
    if (this.linear) {
      const at = (this.bank + address) % this.#memory.bytes.length;
      this.#memory.bytes[at] = value;
      this.#memory.written(at, 1);
      return;
    }
    let planes = sequencer[SEQ_MAP_MASK]!;
    const mode = sequencer[SEQ_MEMORY_MODE]!;
    if (mode & MEMORY_CHAIN_4) {
      address += this.bank;
      planes &= 1 << (address & 3);
      address >>>= 2;
    } else if (!(mode & MEMORY_NOT_ODD_EVEN)) {
      planes &= address & 1 ? ODD_PLANES : EVEN_PLANES;
      address >>>= 1;
    } else {
      address += this.bank;
    }
    if (planes === 0) return;
    const position = address & this.mask;
    const written = PLANE_BYTES[planes]!;
    const data = this.#combined(value, graphics);
    this.#words[position] = (this.#words[position]! & ~written) | (data & written);
    this.#memory.written(position << 2, 4);
  }

  /** What the write mode makes of the CPU's byte, for all four planes. */
  #combined(value: number, graphics: Uint8Array): number {
    const mode = graphics[GC_MODE]! & 3;
    if (mode === 1) return this.latches;
    const rotate = graphics[GC_ROTATE]!;
    const setReset = PLANE_BYTES[graphics[GC_SET_RESET]!]!;
    let bits = graphics[GC_BIT_MASK]!;
    let data: number;
    if (mode === 2) {
      data = PLANE_BYTES[value & 0x0f]!;
    } else {
      const rotated = ((value | (value << 8)) >> (rotate & 7)) & 0xff;
      if (mode === 3) {
        bits &= rotated;
        data = setReset;
      } else {
        const set = PLANE_BYTES[graphics[GC_ENABLE_SET_RESET]!]!;
        data = (Math.imul(rotated, EVERY_BYTE) & ~set) | (setReset & set);
      }
    }
    const { latches } = this;
    switch (rotate >> 3) {
      case 1:
        data &= latches;
        break;
      case 2:
        data |= latches;
        break;
      case 3:
        data ^= latches;
        break;
    }
    const changed = Math.imul(bits, EVERY_BYTE);
    return (data & changed) | (latches & ~changed);
  }
}
