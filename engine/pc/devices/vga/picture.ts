// What the registers say of the picture (IBM VGA Technical Reference, chapter 2; FreeVGA).

import { GC_MODE } from '../../../base/planar-registers.ts';
import type { Picture, Raster, TextCursor } from '../../bus/display.ts';
import {
  ATTRIBUTE_BLINK,
  ATTRIBUTE_COLOR_SELECT,
  ATTRIBUTE_LINE_GRAPHICS,
  ATTRIBUTE_MODE,
  ATTRIBUTE_PAN,
  ATTRIBUTE_PAN_FIRST_ONLY,
  ATTRIBUTE_PLANES,
  ATTRIBUTE_SELECT_BITS,
  CLOCKING_8_DOTS,
  CLOCKING_HALF,
  CLOCKING_SCREEN_OFF,
  CRTC_CURSOR,
  CRTC_CURSOR_END,
  CRTC_CURSOR_START,
  CRTC_HORIZONTAL_END,
  CRTC_LINE_COMPARE,
  CRTC_MAXIMUM_SCAN,
  CRTC_MODE,
  CRTC_OFFSET,
  CRTC_OVERFLOW,
  CRTC_PRESET_ROW,
  CRTC_START,
  CRTC_UNDERLINE,
  CRTC_VERTICAL_END,
  CURSOR_OFF,
  GC_MISCELLANEOUS,
  MISCELLANEOUS_GRAPHICS,
  MODE_256_COLORS,
  MODE_PAIRS,
  SEQ_CHARACTER_MAPS,
  SEQ_CLOCKING,
  type VgaRegisters,
} from './registers.ts';
import type { VbeMode } from './vbe.ts';

/** Positions of the 256 KiB that a VGA has. */
const VGA_MASK = 0xffff;
const OPAQUE = 0xff000000;
const KIB = 1024;

// CRT controller, mode control
const MODE_NO_BANK_0 = 0x01;
const MODE_NO_BANK_1 = 0x02;
const MODE_BYTES = 0x40;
/** The lines of the picture are counted in pairs. */
const MODE_HALF_LINES = 0x04;

/** `vbe`: what the VBE interface shows, while it is enabled. `positions`: of the whole memory, a power of two. */
export function pictureOf(registers: VgaRegisters, vbe: VbeMode | undefined, positions: number): Picture {
  const { sequencer, graphics } = registers;
  const shape = vbe
    ? { width: vbe.width, height: vbe.height, scaleX: 1, scaleY: 1 }
    : { width: 640, height: 400, scaleX: 1, scaleY: 1 };
  if (!registers.paletteOn || sequencer[SEQ_CLOCKING]! & CLOCKING_SCREEN_OFF) return { kind: 'blank', ...shape };
  if (vbe && vbe.bitsPerPixel !== 4) return linearPicture(registers, vbe);
  if (vbe) {
    const raster = vbeRaster(vbe, positions - 1);
    return { kind: 'planes', ...shape, raster, palette: palette16(registers) };
  }
  return graphics[GC_MISCELLANEOUS]! & MISCELLANEOUS_GRAPHICS ? indexedPicture(registers) : textPicture(registers);
}

function linearPicture(registers: VgaRegisters, { width, height, bitsPerPixel, start, pitch }: VbeMode): Picture {
  const palette = bitsPerPixel === 8 ? palette256(registers) : new Uint32Array(0);
  const bits = bitsPerPixel as 8 | 15 | 16 | 24 | 32;
  return { kind: 'linear', width, height, scaleX: 1, scaleY: 1, bitsPerPixel: bits, start, pitch, palette };
}

/** Four bits a pixel: nothing of the CRT controller's counts. */
function vbeRaster({ width, height, start, pitch }: VbeMode, mask: number): Raster {
  return {
    ...{ columns: width / 8, lines: height, start, pitch, rowHeight: 1, doubled: false, presetRow: 0, pan: 0 },
    ...{ splitAt: height, splitStart: 0, splitPan: 0, bankBits: [0, 0], mask },
  };
}

function indexedPicture(registers: VgaRegisters): Picture {
  const { graphics, sequencer } = registers;
  const mode = graphics[GC_MODE]!;
  const kind = mode & MODE_256_COLORS ? 'bytes' : mode & MODE_PAIRS ? 'pairs' : 'planes';
  const raster = rasterOf(registers);
  const bytes = kind === 'bytes';
  // A shift by the panning register is one of dots; a pixel of 8 bits takes two.
  if (bytes) {
    raster.pan >>= 1;
    raster.splitPan >>= 1;
  }
  const scaleX = (bytes ? 2 : 1) * (sequencer[SEQ_CLOCKING]! & CLOCKING_HALF ? 2 : 1);
  const scaleY = repetition(raster);
  return {
    kind,
    width: raster.columns * (bytes ? 4 : 8),
    height: raster.lines / scaleY,
    ...{ scaleX, scaleY, raster },
    palette: bytes ? palette256(registers) : palette16(registers),
  };
}

/** How many scan lines in a row are always alike. */
function repetition(raster: Raster): number {
  const banked = raster.bankBits.some((bit) => bit !== 0);
  const times = (banked ? 1 : raster.rowHeight) * (raster.doubled ? 2 : 1);
  const aligned = raster.lines % times === 0 && raster.presetRow === 0;
  return aligned && (raster.splitAt >= raster.lines || raster.splitAt % times === 0) ? times : 1;
}

function textPicture(registers: VgaRegisters): Picture {
  const { sequencer, attribute, crtc } = registers;
  const clocking = sequencer[SEQ_CLOCKING]!;
  const attributeMode = attribute[ATTRIBUTE_MODE]!;
  const raster = rasterOf(registers);
  const cellWidth = clocking & CLOCKING_8_DOTS ? 8 : 9;
  return {
    kind: 'text',
    width: raster.columns * cellWidth,
    height: raster.lines,
    scaleX: clocking & CLOCKING_HALF ? 2 : 1,
    scaleY: 1,
    ...{ raster, cellWidth },
    lineGraphics: (attributeMode & ATTRIBUTE_LINE_GRAPHICS) !== 0,
    blinks: (attributeMode & ATTRIBUTE_BLINK) !== 0,
    fonts: fontsOf(sequencer[SEQ_CHARACTER_MAPS]!),
    underline: crtc[CRTC_UNDERLINE]! & 0x1f,
    cursor: cursorOf(crtc),
    palette: palette16(registers),
  };
}

/** Character map B for attributes with bit 3 clear, A for the others; the third bit of each number counts 8 KiB. */
function fontsOf(maps: number): [number, number] {
  const at = (low: number, high: number) => (low * 16 + high * 8) * KIB;
  return [at(maps & 3, (maps >> 4) & 1), at((maps >> 2) & 3, (maps >> 5) & 1)];
}

function cursorOf(crtc: Uint8Array): TextCursor | undefined {
  const first = crtc[CRTC_CURSOR_START]! & 0x1f;
  const last = crtc[CRTC_CURSOR_END]! & 0x1f;
  if (crtc[CRTC_CURSOR_START]! & CURSOR_OFF || first > last) return undefined;
  return { position: (crtc[CRTC_CURSOR]! << 8) | crtc[CRTC_CURSOR + 1]!, first, last };
}

function rasterOf({ crtc, attribute, sequencer, graphics }: VgaRegisters): Raster {
  const overflow = crtc[CRTC_OVERFLOW]!;
  const maximumScan = crtc[CRTC_MAXIMUM_SCAN]!;
  const presetRow = crtc[CRTC_PRESET_ROW]!;
  const mode = crtc[CRTC_MODE]!;
  const times = mode & MODE_HALF_LINES ? 2 : 1;
  const shown = (crtc[CRTC_VERTICAL_END]! | ((overflow & 0x02) << 7) | ((overflow & 0x40) << 3)) + 1;
  const compare = crtc[CRTC_LINE_COMPARE]! | ((overflow & 0x10) << 4) | ((maximumScan & 0x40) << 3);
  const pan = panOf(attribute[ATTRIBUTE_PAN]!, sequencer, graphics);
  const bytePan = (presetRow >> 5) & 3;
  const pansBoth = (attribute[ATTRIBUTE_MODE]! & ATTRIBUTE_PAN_FIRST_ONLY) === 0;
  return {
    columns: crtc[CRTC_HORIZONTAL_END]! + 1,
    lines: shown * times,
    start: ((crtc[CRTC_START]! << 8) | crtc[CRTC_START + 1]!) + bytePan,
    pitch: crtc[CRTC_OFFSET]! * 2,
    rowHeight: (maximumScan & 0x1f) + 1,
    doubled: (maximumScan & 0x80) !== 0,
    presetRow: presetRow & 0x1f,
    pan,
    splitAt: (compare + 1) * times,
    splitStart: pansBoth ? bytePan : 0,
    splitPan: pansBoth ? pan : 0,
    bankBits: banksOf(mode),
    mask: VGA_MASK,
  };
}

/** With nine dots a character 8 means no shift, and the others one more than they say. */
function panOf(value: number, sequencer: Uint8Array, graphics: Uint8Array): number {
  const text = (graphics[GC_MISCELLANEOUS]! & MISCELLANEOUS_GRAPHICS) === 0;
  if (text && (sequencer[SEQ_CLOCKING]! & CLOCKING_8_DOTS) === 0) return value >= 8 ? 0 : value + 1;
  return value & 7;
}

/**
 * Bits of the scan line's number replace the address bits 13 and 14, as on CGA and Hercules. Where the address is one of words, these count
 * bytes of two planes, so the bits of the position are one lower.
 */
function banksOf(mode: number): [number, number] {
  const bit = mode & MODE_BYTES ? 13 : 12;
  return [mode & MODE_NO_BANK_0 ? 0 : 1 << bit, mode & MODE_NO_BANK_1 ? 0 : 2 << bit];
}

function color({ dac, wideDac, pelMask }: VgaRegisters, index: number): number {
  const at = 3 * (index & pelMask);
  const wide = (value: number) => (wideDac ? value : (value << 2) | (value >> 4));
  return (OPAQUE | (wide(dac[at + 2]!) << 16) | (wide(dac[at + 1]!) << 8) | wide(dac[at]!)) >>> 0;
}

function palette256(registers: VgaRegisters): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: 256 }, (_, index) => color(registers, index));
}

/** The 16 colours of the attribute controller, whose plane mask comes first. */
function palette16(registers: VgaRegisters): Uint32Array<ArrayBuffer> {
  const { attribute } = registers;
  const select = attribute[ATTRIBUTE_COLOR_SELECT]!;
  const bits54 = (attribute[ATTRIBUTE_MODE]! & ATTRIBUTE_SELECT_BITS) !== 0;
  return Uint32Array.from({ length: 16 }, (_, index) => {
    const entry = attribute[index & attribute[ATTRIBUTE_PLANES]! & 0x0f]!;
    const low = bits54 ? (entry & 0x0f) | ((select & 3) << 4) : entry;
    return color(registers, low | ((select & 0x0c) << 4));
  });
}
