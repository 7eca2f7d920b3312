// Which pages of the video memory a picture is drawn from.

import type { Picture } from '../bus/display.ts';

const PAGE_SHIFT = 12;
const POSITION_SHIFT = 2;

/** From the start of the video memory; `count` 0: of none. Positions wrap within the mask, so of these modes all that it lets through. */
export function shownPages(picture: Picture): { first: number; count: number } {
  if (picture.kind === 'blank') return { first: 0, count: 0 };
  if (picture.kind === 'linear') return pagesOf(picture.start, picture.pitch * picture.height);
  return pagesOf(0, (picture.raster.mask + 1) << POSITION_SHIFT);
}

function pagesOf(start: number, length: number): { first: number; count: number } {
  const first = start >>> PAGE_SHIFT;
  return { first, count: length === 0 ? 0 : ((start + length - 1) >>> PAGE_SHIFT) - first + 1 };
}
