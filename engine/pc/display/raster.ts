// Which positions of the video memory a scan line shows, and the memory by positions.

import type { Raster } from '../bus/display.ts';

const POSITION_SHIFT = 2;

/** The video memory by positions. Its first byte is at a multiple of four. */
export function positionsOf(vram: Uint8Array): Int32Array {
  return new Int32Array(vram.buffer, vram.byteOffset, vram.length >>> POSITION_SHIFT);
}

/** The same words. Engines keep signed ones in registers as they are, which makes drawing twice as fast. */
export function signed(words: Uint32Array): Int32Array {
  return new Int32Array(words.buffer, words.byteOffset, words.length);
}

export interface ScanLine {
  /** Position of its first character. */
  position: number;
  /** Its number in its row of characters. */
  scan: number;
  pan: number;
}

/** IBM VGA Technical Reference, CRT controller: preset row scan, maximum scan line, line compare, mode control. */
export function scanLine(raster: Raster, line: number): ScanLine {
  const { splitAt, rowHeight, pitch, doubled } = raster;
  const split = line >= splitAt;
  const count = (split ? line - splitAt : line) >> (doubled ? 1 : 0);
  const row = split ? count : count + raster.presetRow;
  const scan = row % rowHeight;
  const start = split ? raster.splitStart : raster.start;
  const position = banked((start + Math.floor(row / rowHeight) * pitch) & raster.mask, scan, raster.bankBits);
  return { position, scan, pan: split ? raster.splitPan : raster.pan };
}

function banked(position: number, scan: number, [first, second]: [number, number]): number {
  let banked = position;
  if (first !== 0) banked = scan & 1 ? banked | first : banked & ~first;
  if (second !== 0) banked = scan & 2 ? banked | second : banked & ~second;
  return banked;
}

/** Consecutive scan lines that belong to one row of characters. */
export interface Band {
  /** Its first scan line in the picture. */
  y: number;
  lines: number;
  position: number;
  /** The first one's number in its row. */
  scan: number;
  pan: number;
}

export function bands(raster: Raster): Band[] {
  const found: Band[] = [];
  const times = raster.doubled ? 2 : 1;
  for (let y = 0; y < raster.lines; ) {
    const { position, scan, pan } = scanLine(raster, y);
    const toSplit = y < raster.splitAt ? raster.splitAt - y : raster.lines;
    const lines = Math.min((raster.rowHeight - scan) * times, toSplit, raster.lines - y);
    found.push({ y, lines, position, scan, pan });
    y += lines;
  }
  return found;
}
