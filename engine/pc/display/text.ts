// Text modes: each position is a character (plane 0) with its attribute (plane 1), drawn from glyphs that the guest has loaded into plane 2.
// What each cell shows is kept, so that only cells that show something else are drawn again.

import type { TextPicture } from '../bus/display.ts';
import type { Blink } from './blink.ts';
import { type Band, bands, signed } from './raster.ts';
import { addLines, type DisplayTarget, type Drawn, type LineRange } from './target.ts';

const GLYPH_BYTES = 32;
const FONT_BYTES = 256 * GLYPH_BYTES;

// What a cell shows: character, attribute, and
const CURSOR = 0x10000;
const HIDDEN = 0x20000;
/** So that no cell is like one that has not been drawn. */
const SHOWN = 0x40000;

export function textCells({ raster }: TextPicture): number {
  return bands(raster).length * (raster.columns + 1);
}

/** Both fonts, glyph by glyph. */
export function readGlyphs({ fonts, raster }: TextPicture, words: Int32Array): Uint8Array {
  const glyphs = new Uint8Array(2 * FONT_BYTES);
  for (const [n, font] of fonts.entries()) {
    if (n === 1 && font === fonts[0]) {
      glyphs.copyWithin(FONT_BYTES, 0, FONT_BYTES);
      continue;
    }
    for (let i = 0; i < FONT_BYTES; i++) glyphs[n * FONT_BYTES + i] = words[(font + i) & raster.mask]! >>> 16;
  }
  return glyphs;
}

/** Draws the cells that show something else than `drawn.cells` says. */
export function drawText(
  picture: TextPicture,
  words: Int32Array,
  blink: Blink,
  target: DisplayTarget,
  drawn: Drawn,
): LineRange[] {
  const { raster, cellWidth, cursor, blinks } = picture;
  const { columns, mask } = raster;
  const ranges: LineRange[] = [];
  const pixels = signed(target.pixels);
  const cursorAt = cursor && blink.cursor ? cursor.position & mask : -1;
  for (const [n, band] of bands(raster).entries()) {
    const cells = band.pan > 0 ? columns + 1 : columns;
    let changed = false;
    for (let column = 0; column < cells; column++) {
      const position = (band.position + column) & mask;
      const word = words[position]!;
      let cell = (word & 0xffff) | SHOWN;
      if (position === cursorAt) cell |= CURSOR;
      if (blinks && word & 0x8000 && !blink.characters) cell |= HIDDEN;
      const place = n * (columns + 1) + column;
      if (drawn.cells[place] === cell) continue;
      drawn.cells[place] = cell;
      drawCell(picture, pixels, target.width, drawn.glyphs, band, column * cellWidth - band.pan, cell);
      changed = true;
    }
    if (changed) addLines(ranges, band.y, band.lines);
  }
  return ranges;
}

function drawCell(
  picture: TextPicture,
  pixels: Int32Array,
  width: number,
  glyphs: Uint8Array,
  { y, lines, scan }: Band,
  x: number,
  cell: number,
): void {
  const { raster, cellWidth, palette, blinks, fonts, lineGraphics, underline, cursor } = picture;
  const character = cell & 0xff;
  const attribute = (cell >> 8) & 0xff;
  const foreground = palette[attribute & 0x0f]! | 0;
  const background = palette[(attribute >> 4) & (blinks ? 0x07 : 0x0f)]! | 0;
  const second = fonts[0] !== fonts[1] && attribute & 8 ? FONT_BYTES : 0;
  const glyph = second + character * GLYPH_BYTES;
  const ninth = lineGraphics && character >= 0xc0 && character <= 0xdf;
  const underlined = (attribute & 7) === 1;
  const shift = raster.doubled ? 1 : 0;
  const from = x < 0 ? -x : 0;
  const to = Math.min(cellWidth, width - x);
  for (let line = 0; line < lines; line++) {
    const row = scan + (line >> shift);
    let dots = cell & HIDDEN ? 0 : glyphs[glyph + row]! << 1;
    if (ninth) dots |= (dots >> 1) & 1;
    if (underlined && row === underline && !(cell & HIDDEN)) dots = 0x1ff;
    if (cell & CURSOR && cursor && row >= cursor.first && row <= cursor.last) dots = 0x1ff;
    const at = (y + line) * width + x;
    for (let dot = from; dot < to; dot++) pixels[at + dot] = (dots >> (8 - dot)) & 1 ? foreground : background;
  }
}
