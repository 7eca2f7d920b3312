// Lines of linear modes: 8, 15, 16, 24 and 32 bits a pixel, as the Bochs VBE interface has them (blue in the lowest bits).

import type { LinearPicture } from '../bus/display.ts';

const OPAQUE = 0xff000000;

/** Draws pixels [0, width) of a line that begins at byte `start` into `pixels` from `at` on. What lies behind the memory is black. */
export function drawLinearLine(
  { bitsPerPixel, palette, width }: LinearPicture,
  vram: Uint8Array,
  start: number,
  pixels: Uint32Array,
  at: number,
): void {
  switch (bitsPerPixel) {
    case 8:
      for (let x = 0; x < width; x++) pixels[at + x] = palette[vram[start + x]!]!;
      break;
    case 15:
      for (let x = 0, from = start; x < width; x++, from += 2) {
        const value = vram[from]! | (vram[from + 1]! << 8);
        pixels[at + x] = OPAQUE | (wide5(value) << 16) | (wide5(value >> 5) << 8) | wide5(value >> 10);
      }
      break;
    case 16:
      for (let x = 0, from = start; x < width; x++, from += 2) {
        const value = vram[from]! | (vram[from + 1]! << 8);
        const green = (value >> 5) & 0x3f;
        pixels[at + x] = OPAQUE | (wide5(value) << 16) | (((green << 2) | (green >> 4)) << 8) | wide5(value >> 11);
      }
      break;
    case 24:
      for (let x = 0, from = start; x < width; x++, from += 3)
        pixels[at + x] = OPAQUE | (vram[from]! << 16) | (vram[from + 1]! << 8) | vram[from + 2]!;
      break;
    case 32:
      draw32(vram, start, width, pixels, at);
      break;
  }
}

function draw32(vram: Uint8Array, start: number, width: number, pixels: Uint32Array, at: number): void {
  const words = new Uint32Array(vram.buffer, vram.byteOffset + start, width);
  for (let x = 0; x < width; x++) {
    const value = words[x]!;
    pixels[at + x] = OPAQUE | ((value & 0xff) << 16) | (value & 0xff00) | ((value >>> 16) & 0xff);
  }
}

/** Five bits as eight. */
function wide5(value: number): number {
  const bits = value & 0x1f;
  return (bits << 3) | (bits >> 2);
}
