// Draws a display's picture: from its state and its memory, into pixels. Runs wherever both are at hand, in any worker. Only lines that
// may show something else than the target does are drawn.

import type { DisplayState, IndexedPicture, LinearPicture, Picture, TextPicture } from '../bus/display.ts';
import type { Blink } from './blink.ts';
import { anyByte, anyPage, type ChangedPages } from './changed-pages.ts';
import { drawIndexedLine } from './indexed.ts';
import { drawLinearLine } from './linear.ts';
import { positionsOf, scanLine, signed } from './raster.ts';
import { same } from './same.ts';
import { addLines, type DisplayTarget, type Drawn, type LineRange } from './target.ts';
import { drawText, readGlyphs, textCells } from './text.ts';

const BLACK = 0xff000000;
const PAGE_SHIFT = 12;
const POSITION_SHIFT = 2;

/**
 * Returns the lines of the target that it has drawn, in ascending order; all of them where the mode, the palette or what of the memory is
 * shown has changed. `vram`: the display's memory. `changed`: which pages of it may have been written since the last call for this target,
 * or all of them.
 */
export function renderDisplay(
  { picture, changes, memory }: DisplayState,
  vram: Uint8Array,
  changed: ChangedPages | 'all',
  blink: Blink,
  target: DisplayTarget,
): LineRange[] {
  const { drawn } = target;
  const fresh = !drawn || !sameLook(drawn.picture, picture);
  if (fresh) resize(target, picture);
  const now: Drawn =
    fresh || !drawn
      ? { changes, picture, blink, cells: new Uint32Array(0), glyphs: new Uint8Array(0) }
      : { ...drawn, changes, picture, blink };
  target.drawn = now;
  const all = fresh ? 'all' : changed;
  if (all !== 'all' && picture.kind !== 'text' && !anyPage(all, memory.pages)) return [];
  switch (picture.kind) {
    case 'blank':
      if (!fresh) return [];
      target.pixels.fill(BLACK);
      return [{ first: 0, count: target.height }];
    case 'text': {
      const still = drawn && same(drawn.picture, picture) && same(drawn.blink, blink);
      return all !== 'all' && still && !anyPage(all, pagesOf(picture)) ? [] : text(picture, vram, all, target, now);
    }
    case 'linear':
      return linear(picture, vram, all, target);
    default:
      return indexed(picture, vram, all, target);
  }
}

function pagesOf({ raster }: TextPicture): number {
  return ((raster.mask + 1) << POSITION_SHIFT) >>> PAGE_SHIFT;
}

/** Would everything that stays the same in the memory look the same? */
function sameLook(a: Picture, b: Picture): boolean {
  if (a.kind !== 'text' || b.kind !== 'text') return same(a, b);
  return same(withoutPlaces(a), withoutPlaces(b));
}

/** What cells show is known one by one, wherever they are in the memory. */
function withoutPlaces(picture: TextPicture): object {
  const { cursor, raster } = picture;
  return {
    ...picture,
    cursor: cursor && { ...cursor, position: 0 },
    raster: { ...raster, start: 0, splitStart: 0, pitch: 0 },
  };
}

function resize(target: DisplayTarget, { width, height, scaleX, scaleY }: Picture): void {
  if (target.pixels.length !== width * height) target.pixels = new Uint32Array(width * height);
  Object.assign(target, { width, height, scaleX, scaleY });
}

function text(
  picture: TextPicture,
  vram: Uint8Array,
  changed: ChangedPages | 'all',
  target: DisplayTarget,
  drawn: Drawn,
): LineRange[] {
  const words = positionsOf(vram);
  if (changed === 'all' || anyPage(changed, pagesOf(picture))) {
    const glyphs = readGlyphs(picture, words);
    if (!sameBytes(glyphs, drawn.glyphs)) drawn.cells = new Uint32Array(textCells(picture));
    drawn.glyphs = glyphs;
  }
  return drawText(picture, words, drawn.blink, target, drawn);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function indexed(
  picture: IndexedPicture,
  vram: Uint8Array,
  changed: ChangedPages | 'all',
  { pixels, width, height, scaleY }: DisplayTarget,
): LineRange[] {
  const words = positionsOf(vram);
  const into = signed(pixels);
  const { columns, mask } = picture.raster;
  const ranges: LineRange[] = [];
  for (let y = 0; y < height; y++) {
    const line = scanLine(picture.raster, y * scaleY);
    const start = (line.position & mask) << POSITION_SHIFT;
    if (changed !== 'all' && !anyByte(changed, start, (columns + 1) << POSITION_SHIFT)) {
      // A line that goes on at the start of the memory may show the first page too.
      if (line.position + columns < mask || !anyPage(changed, 1)) continue;
    }
    drawIndexedLine(picture, words, line, into, y * width);
    addLines(ranges, y, 1);
  }
  return ranges;
}

function linear(
  picture: LinearPicture,
  vram: Uint8Array,
  changed: ChangedPages | 'all',
  { pixels, width, height }: DisplayTarget,
): LineRange[] {
  const bytes = width * ((picture.bitsPerPixel + 7) >> 3);
  const buffers = {
    vram,
    words: positionsOf(vram),
    pixels: signed(pixels),
  };
  const ranges: LineRange[] = [];
  for (let y = 0; y < height; y++) {
    const start = picture.start + y * picture.pitch;
    if (changed !== 'all' && !anyByte(changed, start, bytes)) continue;
    if (start + bytes <= vram.length) drawLinearLine(picture, buffers, start, y * width);
    else pixels.fill(BLACK, y * width, (y + 1) * width);
    addLines(ranges, y, 1);
  }
  return ranges;
}
