// Which pages of the video memory have been written since the last drawing.

/** Bit `first` + n, counted through the words from their lowest bits on, is of page n: what a client of the dirty log takes. */
export interface ChangedPages {
  bits: Uint32Array;
  first: number;
}

const PAGE_SHIFT = 12;

/** Has one of `pages` pages from the start of the memory on been written? */
export function anyPage(changed: ChangedPages, pages: number): boolean {
  return anyBit(changed.bits, changed.first, changed.first + pages - 1);
}

/** Has one of the bytes [start, start + length) perhaps been written? */
export function anyByte({ bits, first }: ChangedPages, start: number, length: number): boolean {
  return anyBit(bits, first + (start >>> PAGE_SHIFT), first + ((start + length - 1) >>> PAGE_SHIFT));
}

function anyBit(bits: Uint32Array, first: number, last: number): boolean {
  for (let word = first >> 5; word <= last >> 5; word++) {
    let mask = -1;
    if (word === first >> 5) mask &= -1 << (first & 31);
    if (word === last >> 5) mask &= -1 >>> (31 - (last & 31));
    if ((bits[word]! & mask) !== 0) return true;
  }
  return false;
}
