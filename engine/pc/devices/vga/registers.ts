// The registers of a VGA behind its ports 3B0h to 3DFh: sequencer, graphics controller, CRT controller, attribute controller, DAC (IBM VGA
// Technical Reference, 1992, chapter 2; FreeVGA Project, "VGA I/O port index"). What they mean is elsewhere: this file keeps what is written
// and gives it back.

import { SEQ_MAP_MASK, SEQ_MEMORY_MODE } from '../../../base/planar-registers.ts';
import type { PlanarMemory } from '../../bus/planar-memory.ts';
import type { VgaRegistersState } from './persist.ts';

// Those on which accesses of the planes depend are in base/planar-registers.ts.

// Sequencer
export const SEQ_CLOCKING = 1;
export const SEQ_CHARACTER_MAPS = 3;
export const CLOCKING_8_DOTS = 0x01;
export const CLOCKING_HALF = 0x08;
export const CLOCKING_SCREEN_OFF = 0x20;

// Graphics controller
export const GC_MISCELLANEOUS = 6;
export const MODE_PAIRS = 0x20;
export const MODE_256_COLORS = 0x40;
export const MISCELLANEOUS_GRAPHICS = 0x01;

// CRT controller
export const CRTC_HORIZONTAL_TOTAL = 0x00;
export const CRTC_HORIZONTAL_END = 0x01;
export const CRTC_VERTICAL_TOTAL = 0x06;
export const CRTC_OVERFLOW = 0x07;
export const CRTC_PRESET_ROW = 0x08;
export const CRTC_MAXIMUM_SCAN = 0x09;
export const CRTC_CURSOR_START = 0x0a;
export const CRTC_CURSOR_END = 0x0b;
export const CRTC_START = 0x0c;
export const CRTC_CURSOR = 0x0e;
export const CRTC_RETRACE_START = 0x10;
export const CRTC_RETRACE_END = 0x11;
export const CRTC_VERTICAL_END = 0x12;
export const CRTC_OFFSET = 0x13;
export const CRTC_UNDERLINE = 0x14;
export const CRTC_MODE = 0x17;
export const CRTC_LINE_COMPARE = 0x18;
export const CURSOR_OFF = 0x20;
export const PROTECTED = 0x80;

// Attribute controller
export const ATTRIBUTE_MODE = 0x10;
export const ATTRIBUTE_PLANES = 0x12;
export const ATTRIBUTE_PAN = 0x13;
export const ATTRIBUTE_COLOR_SELECT = 0x14;
export const ATTRIBUTE_LINE_GRAPHICS = 0x04;
export const ATTRIBUTE_BLINK = 0x08;
export const ATTRIBUTE_PAN_FIRST_ONLY = 0x20;
export const ATTRIBUTE_SELECT_BITS = 0x80;
/** In the index: the palette is the screen's, not the CPU's. */
const PALETTE_ON = 0x20;

/** In the miscellaneous output register. */
export const OUTPUT_COLOR = 0x01;
export const OUTPUT_MEMORY = 0x02;

/** The bits of each register that there are. */
const SEQ_BITS = [0x03, 0x3d, 0x0f, 0x3f, 0x0e];
const GC_BITS = [0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff];
const ATTRIBUTE_BITS = [...new Array<number>(16).fill(0x3f), 0xef, 0xff, 0x3f, 0x0f, 0x0f];
const CRTC_REGISTERS = 0x19;
const DAC_BITS = 0x3f;

const SEQUENCER_PORT = 0x3c4;
const SEQUENCER_INDEX_BITS = 0x07;
const GRAPHICS_PORT = 0x3ce;
const GRAPHICS_INDEX_BITS = 0x0f;

const ABSENT = 0xff;

export interface RegistersWiring {
  /** Bits 0 and 3 of input status 1. */
  retrace(): number;
  /** What the picture depends on has been written. */
  changed(): void;
  /** What the CPU's way to the memory depends on has been written. */
  accessChanged(): void;
}

export class VgaRegisters {
  /** Where the CPU writes them too. */
  readonly sequencer: Uint8Array;
  readonly graphics: Uint8Array;
  readonly crtc = new Uint8Array(CRTC_REGISTERS);
  readonly attribute = new Uint8Array(ATTRIBUTE_BITS.length);
  /** Red, green, blue of 256 colours, of 6 bits or, with `wideDac`, of 8. */
  readonly dac = new Uint8Array(3 * 256);
  /** Colours have 8 bits: a matter of the VBE interface. */
  wideDac = false;
  output = 0;
  pelMask = 0xff;
  readonly #wiring: RegistersWiring;
  readonly #planar: PlanarMemory;
  #featureControl = 0;
  #crtcIndex = 0;
  #attributeIndex = 0;
  /** The next write to 3C0h is of data. */
  #attributeData = false;
  #dacReadIndex = 0;
  #dacWriteIndex = 0;
  /** Which of the three components comes next. */
  #dacComponent = 0;
  #dacReading = false;
  readonly #dacLatch = new Uint8Array(3);

  constructor(wiring: RegistersWiring, planar: PlanarMemory) {
    this.#wiring = wiring;
    this.#planar = planar;
    const { sequencer, graphics } = planar;
    sequencer.place(SEQUENCER_PORT, SEQ_BITS.length, SEQUENCER_INDEX_BITS);
    sequencer.bits.set(SEQ_BITS);
    this.sequencer = sequencer.values.subarray(0, SEQ_BITS.length);
    graphics.place(GRAPHICS_PORT, GC_BITS.length, GRAPHICS_INDEX_BITS);
    graphics.bits.set(GC_BITS);
    this.graphics = graphics.values.subarray(0, GC_BITS.length);
  }

  /** False while the CPU may change the palette: the screen is dark then. */
  get paletteOn(): boolean {
    return (this.#attributeIndex & PALETTE_ON) !== 0;
  }

  reset(): void {
    for (const bytes of [this.sequencer, this.graphics, this.crtc, this.attribute, this.dac, this.#dacLatch])
      bytes.fill(0);
    this.wideDac = false;
    this.output = 0;
    this.pelMask = 0xff;
    this.#featureControl = 0;
    this.#planar.sequencer.index = 0;
    this.#planar.graphics.index = 0;
    this.#crtcIndex = 0;
    this.#attributeIndex = 0;
    this.#attributeData = false;
    this.#dacReadIndex = 0;
    this.#dacWriteIndex = 0;
    this.#dacComponent = 0;
    this.#dacReading = false;
  }

  read(port: number): number {
    const seen = this.#seen(port);
    switch (seen) {
      case 0x3c0:
        return this.#attributeData ? 0 : this.#attributeIndex;
      case 0x3c1:
        return this.attribute[this.#attributeIndex & 0x1f] ?? 0;
      case 0x3c2:
        return 0; // no interrupt of the retrace, no switches
      case 0x3c4:
        return this.#planar.sequencer.index;
      case 0x3c5:
        return this.sequencer[this.#planar.sequencer.index] ?? 0;
      case 0x3c6:
        return this.pelMask;
      case 0x3c7:
        return this.#dacReading ? 3 : 0;
      case 0x3c8:
        return this.#dacWriteIndex;
      case 0x3c9:
        return this.#readDac();
      case 0x3ca:
        return this.#featureControl;
      case 0x3cc:
        return this.output;
      case 0x3ce:
        return this.#planar.graphics.index;
      case 0x3cf:
        return this.graphics[this.#planar.graphics.index] ?? 0;
      case 0x3d4:
        return this.#crtcIndex;
      case 0x3d5:
        return this.crtc[this.#crtcIndex] ?? 0;
      case 0x3da:
        this.#attributeData = false;
        return this.#wiring.retrace();
      default:
        return ABSENT;
    }
  }

  write(port: number, value: number): void {
    switch (this.#seen(port)) {
      case 0x3c0:
        this.#writeAttribute(value);
        return;
      case 0x3c2:
        this.output = value & 0xef;
        this.#wiring.accessChanged();
        return;
      case 0x3c4:
        this.#planar.sequencer.index = value & SEQUENCER_INDEX_BITS;
        return;
      case 0x3c5:
        this.#writeSequencer(value);
        return;
      case 0x3c6:
        this.pelMask = value;
        this.#wiring.changed();
        return;
      case 0x3c7:
        this.#dacReadIndex = value;
        this.#dacComponent = 0;
        this.#dacReading = true;
        return;
      case 0x3c8:
        this.#dacWriteIndex = value;
        this.#dacComponent = 0;
        this.#dacReading = false;
        return;
      case 0x3c9:
        this.#writeDac(value);
        return;
      case 0x3ce:
        this.#planar.graphics.index = value & GRAPHICS_INDEX_BITS;
        return;
      case 0x3cf:
        this.#writeGraphics(value);
        return;
      case 0x3d4:
        this.#crtcIndex = value;
        return;
      case 0x3d5:
        this.#writeCrtc(value);
        return;
      case 0x3da:
        this.#featureControl = value & 0x10;
        return;
    }
  }

  save(): VgaRegistersState {
    return {
      sequencer: this.sequencer.slice(),
      graphics: this.graphics.slice(),
      crtc: this.crtc.slice(),
      attribute: this.attribute.slice(),
      dac: this.dac.slice(),
      dacLatch: this.#dacLatch.slice(),
      wideDac: this.wideDac,
      output: this.output,
      pelMask: this.pelMask,
      featureControl: this.#featureControl,
      sequencerIndex: this.#planar.sequencer.index,
      graphicsIndex: this.#planar.graphics.index,
      crtcIndex: this.#crtcIndex,
      attributeIndex: this.#attributeIndex,
      attributeData: this.#attributeData,
      dacReadIndex: this.#dacReadIndex,
      dacWriteIndex: this.#dacWriteIndex,
      dacComponent: this.#dacComponent,
      dacReading: this.#dacReading,
    };
  }

  /** `state` has been checked. */
  restore(state: VgaRegistersState): void {
    this.sequencer.set(state.sequencer);
    this.graphics.set(state.graphics);
    this.crtc.set(state.crtc);
    this.attribute.set(state.attribute);
    this.dac.set(state.dac);
    this.#dacLatch.set(state.dacLatch);
    this.wideDac = state.wideDac;
    this.output = state.output;
    this.pelMask = state.pelMask;
    this.#featureControl = state.featureControl;
    this.#planar.sequencer.index = state.sequencerIndex;
    this.#planar.graphics.index = state.graphicsIndex;
    this.#crtcIndex = state.crtcIndex;
    this.#attributeIndex = state.attributeIndex;
    this.#attributeData = state.attributeData;
    this.#dacReadIndex = state.dacReadIndex;
    this.#dacWriteIndex = state.dacWriteIndex;
    this.#dacComponent = state.dacComponent;
    this.#dacReading = state.dacReading;
  }

  /** The CRT controller, input status 1 and feature control are at 3Dxh or, for a monochrome monitor, at 3Bxh: never at both. */
  #seen(port: number): number {
    const block = port & 0x3f0;
    if (block === 0x3c0) return port;
    const color = (this.output & OUTPUT_COLOR) !== 0;
    if ((block === 0x3d0) !== color) return 0;
    const offset = port & 0x0f;
    // The CRT controller is not decoded completely: IBM's adapters repeat it from the block's start on.
    return offset < 8 ? 0x3d4 | (offset & 1) : 0x3d0 | offset;
  }

  #writeSequencer(value: number): void {
    const index = this.#planar.sequencer.index;
    if (index >= SEQ_BITS.length) return;
    this.sequencer[index] = value & SEQ_BITS[index]!;
    if (index === SEQ_MAP_MASK || index === SEQ_MEMORY_MODE) this.#wiring.accessChanged();
    else this.#wiring.changed();
  }

  #writeGraphics(value: number): void {
    const index = this.#planar.graphics.index;
    if (index >= GC_BITS.length) return;
    this.graphics[index] = value & GC_BITS[index]!;
    this.#wiring.accessChanged();
  }

  #writeCrtc(value: number): void {
    const index = this.#crtcIndex;
    if (index >= CRTC_REGISTERS) return;
    if ((this.crtc[CRTC_RETRACE_END]! & PROTECTED) !== 0 && index <= CRTC_OVERFLOW) {
      // Of the protected registers one bit is not: that of line compare.
      if (index !== CRTC_OVERFLOW) return;
      this.crtc[index] = (this.crtc[index]! & ~0x10) | (value & 0x10);
    } else {
      this.crtc[index] = value;
    }
    this.#wiring.changed();
  }

  #writeAttribute(value: number): void {
    if (!this.#attributeData) {
      this.#attributeIndex = value & 0x3f;
    } else {
      const index = this.#attributeIndex & 0x1f;
      if (index < ATTRIBUTE_BITS.length) this.attribute[index] = value & ATTRIBUTE_BITS[index]!;
    }
    this.#attributeData = !this.#attributeData;
    this.#wiring.changed();
  }

  #readDac(): number {
    const value = this.dac[3 * this.#dacReadIndex + this.#dacComponent]!;
    if (++this.#dacComponent === 3) {
      this.#dacComponent = 0;
      this.#dacReadIndex = (this.#dacReadIndex + 1) & 0xff;
    }
    return value;
  }

  /** A colour changes when its third component has been written. */
  #writeDac(value: number): void {
    this.#dacLatch[this.#dacComponent] = this.wideDac ? value : value & DAC_BITS;
    if (++this.#dacComponent < 3) return;
    this.dac.set(this.#dacLatch, 3 * this.#dacWriteIndex);
    this.#dacComponent = 0;
    this.#dacWriteIndex = (this.#dacWriteIndex + 1) & 0xff;
    this.#wiring.changed();
  }
}
