// Lines of linear modes: 8, 15, 16, 24 and 32 bits a pixel, as the Bochs VBE interface has them (blue in the lowest bits).

import type { LinearPicture } from '../bus/display.ts';
import { signed } from './raster.ts';
import { drawWords } from './wide-pixels.ts';

const OPAQUE = 0xff000000 | 0;

/** Where lines come from, by bytes and by four of them, and where they go to. */
export interface LinearBuffers {
  vram: Uint8Array;
  words: Int32Array;
  pixels: Int32Array;
}

/** Draws a line that begins at byte `start` into the pixels from `at` on. All of it lies in the memory. */
export function drawLinearLine(picture: LinearPicture, buffers: LinearBuffers, start: number, at: number): void {
  const { bitsPerPixel, width } = picture;
  if (bitsPerPixel === 32) drawWords(buffers.words, start >> 2, width, buffers.pixels, at);
  else if (bitsPerPixel === 24) draw24(buffers, start, width, at);
  else if (bitsPerPixel === 8) draw8(buffers, picture.palette, start, width, at);
  else draw16(buffers, bitsPerPixel === 16 ? RGB_565 : RGB_555, start, width, at);
}

function draw24({ vram, pixels }: LinearBuffers, start: number, width: number, at: number): void {
  for (let x = 0, from = start; x < width; x++, from += 3)
    pixels[at + x] = OPAQUE | (vram[from]! << 16) | (vram[from + 1]! << 8) | vram[from + 2]!;
}

function draw16({ vram, pixels }: LinearBuffers, colors: Int32Array, start: number, width: number, at: number): void {
  for (let x = 0, from = start; x < width; x++, from += 2)
    pixels[at + x] = colors[vram[from]! | (vram[from + 1]! << 8)]!;
}

function draw8(
  { vram, pixels }: LinearBuffers,
  palette: Uint32Array<ArrayBuffer>,
  start: number,
  width: number,
  at: number,
): void {
  const colors = signed(palette);
  for (let x = 0; x < width; x++) pixels[at + x] = colors[vram[start + x]!]!;
}

/** Five bits as eight. */
function wide5(value: number): number {
  const bits = value & 0x1f;
  return (bits << 3) | (bits >> 2);
}

function wide6(value: number): number {
  const bits = value & 0x3f;
  return (bits << 2) | (bits >> 4);
}

/** The colours of all values. */
const RGB_555 = Int32Array.from(
  { length: 0x10000 },
  (_, value) => OPAQUE | (wide5(value) << 16) | (wide5(value >> 5) << 8) | wide5(value >> 10),
);
const RGB_565 = Int32Array.from(
  { length: 0x10000 },
  (_, value) => OPAQUE | (wide5(value) << 16) | (wide6(value >> 5) << 8) | wide5(value >> 11),
);
