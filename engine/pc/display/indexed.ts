// Lines of graphics modes in which a pixel is an index: of 4 bits, one from each plane; of 2 bits in pairs of planes, as CGA has them; of 8
// bits (IBM VGA Technical Reference, graphics controller, mode register: shift register modes).

import type { IndexedPicture } from '../bus/display.ts';
import { type ScanLine, signed } from './raster.ts';

/** For each byte its bit 7 in nibble 0, bit 6 in nibble 1, and so on. */
const SPREAD = Int32Array.from({ length: 256 }, (_, byte) => {
  let nibbles = 0;
  for (let pixel = 0; pixel < 8; pixel++) nibbles |= ((byte >> (7 - pixel)) & 1) << (4 * pixel);
  return nibbles;
});

/** The eight pixels of a position, the first in the lowest nibble. */
function fromPlanes(word: number): number {
  return (
    SPREAD[word & 0xff]! |
    (SPREAD[(word >>> 8) & 0xff]! << 1) |
    (SPREAD[(word >>> 16) & 0xff]! << 2) |
    (SPREAD[word >>> 24]! << 3)
  );
}

/** Four pixels from planes 0 and 2, then four from planes 1 and 3; two bits from each. */
function fromPairs(word: number): number {
  let nibbles = 0;
  for (let pixel = 0; pixel < 8; pixel++) {
    const plane = pixel >> 2;
    const shift = 6 - 2 * (pixel & 3);
    const low = (word >>> (8 * plane + shift)) & 3;
    const high = (word >>> (8 * (plane + 2) + shift)) & 3;
    nibbles |= (low | (high << 2)) << (4 * pixel);
  }
  return nibbles;
}

/** Draws one line into `pixels` from `at` on. `words`: the video memory by positions. */
export function drawIndexedLine(
  { kind, raster, palette, width }: IndexedPicture,
  words: Int32Array,
  { position, pan }: ScanLine,
  pixels: Int32Array,
  at: number,
): void {
  const { mask } = raster;
  const colors = signed(palette);
  const unit = kind === 'bytes' ? 4 : 8;
  const bits = 32 / unit;
  const last = palette.length - 1;
  let from = position;
  for (let x = -pan; x < width; x += unit, from++) {
    const word = words[from & mask]!;
    let indices = kind === 'bytes' ? word : kind === 'planes' ? fromPlanes(word) : fromPairs(word);
    // Where a line is shifted, its first and last position are shown in part.
    const first = x < 0 ? -x : 0;
    const end = Math.min(unit, width - x);
    indices >>>= bits * first;
    for (let pixel = first; pixel < end; pixel++) {
      pixels[at + x + pixel] = colors[indices & last]!;
      indices >>>= bits;
    }
  }
}
