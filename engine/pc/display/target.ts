// Where a picture is drawn, with what is known of the drawing there.

import type { Picture } from '../bus/display.ts';
import type { Blink } from './blink.ts';

export interface DisplayTarget {
  /** In pixels. Both change with the mode. */
  width: number;
  height: number;
  /** The picture is to be shown wider and higher by these. */
  scaleX: number;
  scaleY: number;
  /** Row by row; R, G, B, A in this order in memory. */
  pixels: Uint32Array<ArrayBuffer>;
  /** Undefined: nothing has been drawn. */
  drawn: Drawn | undefined;
}

/** What the pixels show. */
export interface Drawn {
  changes: number;
  picture: Picture;
  blink: Blink;
  /** Of a text mode: for each cell what it shows, and the glyphs. */
  cells: Uint32Array;
  glyphs: Uint8Array;
}

export function displayTarget(): DisplayTarget {
  return { width: 0, height: 0, scaleX: 1, scaleY: 1, pixels: new Uint32Array(0), drawn: undefined };
}

/** Lines of the target that have been drawn. */
export interface LineRange {
  first: number;
  count: number;
}

/** Appends a line to ranges in ascending order. */
export function addLines(ranges: LineRange[], first: number, count: number): void {
  const last = ranges.at(-1);
  if (last && first <= last.first + last.count) last.count = Math.max(last.count, first + count - last.first);
  else ranges.push({ first, count });
}
