// The Bochs VBE interface ("VBE display API", dispi, version 5; ports 1CEh and 1CFh, or the MMIO BAR): linear modes of any size, virtual
// screens and panning. A size that the memory has no room for, or that is no multiple of eight pixels, is made to fit, as QEMU 7.2 does.

import type { VbeState } from './persist.ts';

const ID = 0;
const X_RESOLUTION = 1;
const Y_RESOLUTION = 2;
const BITS_PER_PIXEL = 3;
const ENABLE = 4;
const BANK = 5;
const VIRTUAL_WIDTH = 6;
const VIRTUAL_HEIGHT = 7;
const X_OFFSET = 8;
const Y_OFFSET = 9;
const MEMORY_64K = 10;
const REGISTERS = 10;

const FIRST_ID = 0xb0c0;
const LAST_ID = 0xb0c5;
export const ENABLED = 0x01;
const GET_CAPABILITIES = 0x02;
export const WIDE_DAC = 0x20;
export const KEEP_MEMORY = 0x80;

export const MAXIMUM_WIDTH = 2560;
export const MAXIMUM_HEIGHT = 1600;
const DEPTHS = [4, 8, 15, 16, 24, 32];
const DEFAULT_DEPTH = 8;
const BANK_BYTES = 0x10000;

export interface VbeMode {
  width: number;
  height: number;
  bitsPerPixel: number;
  /** Bytes from line to line; of one plane with 4 bits a pixel. */
  pitch: number;
  /** Where the picture begins, in bytes; of one plane with 4 bits a pixel. */
  start: number;
}

export interface VbeWiring {
  memoryBytes: number;
  /** It was switched on or off, `flags` being what was written; or, while it is on, size or depth changed. */
  modeSet(flags: number, switchedOn: boolean): void;
  /** Another bank is at the window, or another part of the memory on the screen. */
  moved(): void;
}

export class Vbe {
  readonly #registers = new Uint16Array(REGISTERS);
  readonly #wiring: VbeWiring;
  #index = 0;

  constructor(wiring: VbeWiring) {
    this.#wiring = wiring;
    this.reset();
  }

  get enabled(): boolean {
    return (this.#registers[ENABLE]! & ENABLED) !== 0;
  }

  /** In bytes. */
  get bank(): number {
    return this.enabled ? this.#registers[BANK]! * BANK_BYTES : 0;
  }

  /** While it is enabled. */
  get mode(): VbeMode {
    const [, width, height, bitsPerPixel] = this.#registers;
    return { width: width!, height: height!, bitsPerPixel: bitsPerPixel!, pitch: this.#pitch, start: this.#start };
  }

  reset(): void {
    this.#registers.fill(0);
    this.#registers[ID] = LAST_ID;
    this.#index = 0;
  }

  save(): VbeState {
    return { index: this.#index, registers: this.#registers.slice() };
  }

  /** `state` has been checked. */
  restore(state: VbeState): void {
    this.#index = state.index;
    this.#registers.set(state.registers);
    this.#registers[BANK] %= this.#wiring.memoryBytes / BANK_BYTES;
    if (this.enabled) this.#fit();
  }

  get index(): number {
    return this.#index;
  }

  set index(index: number) {
    this.#index = index;
  }

  read(index = this.#index): number {
    if (index === MEMORY_64K) return this.#wiring.memoryBytes / BANK_BYTES;
    if (this.#registers[ENABLE]! & GET_CAPABILITIES) {
      if (index === X_RESOLUTION) return MAXIMUM_WIDTH;
      if (index === Y_RESOLUTION) return MAXIMUM_HEIGHT;
      if (index === BITS_PER_PIXEL) return DEPTHS.at(-1)!;
    }
    if (index === VIRTUAL_HEIGHT && this.enabled) return this.#rows(this.#registers[VIRTUAL_WIDTH]!);
    return this.#registers[index] ?? 0;
  }

  write(value: number, index = this.#index): void {
    switch (index) {
      case ID:
        if (value >= FIRST_ID && value <= LAST_ID) this.#registers[ID] = value;
        return;
      case X_RESOLUTION:
      case Y_RESOLUTION:
      case BITS_PER_PIXEL:
      case VIRTUAL_WIDTH:
        this.#registers[index] = value;
        if (!this.enabled) return;
        this.#fit();
        this.#wiring.modeSet(this.#registers[ENABLE]!, false);
        return;
      case X_OFFSET:
      case Y_OFFSET:
        this.#registers[index] = value;
        if (!this.enabled) return;
        this.#fit();
        this.#wiring.moved();
        return;
      case BANK:
        this.#registers[BANK] = value % (this.#wiring.memoryBytes / BANK_BYTES);
        this.#wiring.moved();
        return;
      case ENABLE:
        this.#enable(value);
        return;
    }
  }

  #enable(value: number): void {
    const before = this.enabled;
    this.#registers[ENABLE] = value;
    const switchedOn = this.enabled && !before;
    if (switchedOn) {
      this.#registers[VIRTUAL_WIDTH] = 0;
      this.#registers[X_OFFSET] = 0;
      this.#registers[Y_OFFSET] = 0;
      this.#fit();
    } else if (!this.enabled) {
      this.#registers[BANK] = 0;
    }
    this.#wiring.modeSet(value, switchedOn);
  }

  /** Makes every register such that what is shown lies in the memory. */
  #fit(): void {
    const registers = this.#registers;
    const limit = (index: number, least: number, most: number) => {
      registers[index] = Math.min(Math.max(registers[index]!, least), most);
    };
    if (!DEPTHS.includes(registers[BITS_PER_PIXEL]!)) registers[BITS_PER_PIXEL] = DEFAULT_DEPTH;
    registers[X_RESOLUTION] &= ~7;
    limit(X_RESOLUTION, 8, MAXIMUM_WIDTH);
    limit(Y_RESOLUTION, 1, Math.min(MAXIMUM_HEIGHT, this.#rows(registers[X_RESOLUTION]!)));
    registers[VIRTUAL_WIDTH] &= ~7;
    const widest = Math.floor((this.#planeBytes * 8) / (registers[Y_RESOLUTION]! * this.#storedBits)) & ~7;
    limit(VIRTUAL_WIDTH, registers[X_RESOLUTION]!, Math.min(widest, 0xfff8));
    const shown = registers[Y_RESOLUTION]! * this.#pitch;
    if (this.#start + shown > this.#planeBytes) registers[Y_OFFSET] = 0;
    if (this.#start + shown > this.#planeBytes) registers[X_OFFSET] = 0;
  }

  get #start(): number {
    const x = Math.floor((this.#registers[X_OFFSET]! * this.#storedBits) / 8);
    return this.#registers[Y_OFFSET]! * this.#pitch + x;
  }

  /** How many lines of that width the memory has room for. */
  #rows(width: number): number {
    return Math.min(Math.floor((this.#planeBytes * 8) / (width * this.#storedBits)), 0xffff);
  }

  get #pitch(): number {
    return (this.#registers[VIRTUAL_WIDTH]! * this.#storedBits) / 8;
  }

  /** Bits that a pixel takes in each plane, or in the whole memory if there are none. */
  get #storedBits(): number {
    const bits = this.#registers[BITS_PER_PIXEL]!;
    return bits === 4 ? 1 : bits === 15 ? 16 : bits;
  }

  get #planeBytes(): number {
    return this.#registers[BITS_PER_PIXEL] === 4 ? this.#wiring.memoryBytes / 4 : this.#wiring.memoryBytes;
  }
}
