// Sets of guest-physical pages as bitmaps in the dirty log's form: bit p % 32 of word p >> 5.

export function allPages(pages: number): Uint32Array {
  const set = new Uint32Array(Math.ceil(pages / 32)).fill(0xffff_ffff);
  if (pages % 32 !== 0) set[set.length - 1] = 2 ** (pages % 32) - 1;
  return set;
}

export function countPages(set: Uint32Array): number {
  let count = 0;
  for (let word of set) {
    for (; word !== 0; word &= word - 1) count += 1;
  }
  return count;
}

/** Adds `more` to `set`. */
export function addPages(set: Uint32Array, more: Uint32Array): void {
  for (const [i, word] of more.entries()) set[i] |= word;
}

/** The numbers of the pages in the set, ascending. */
export function* eachPage(set: Uint32Array): Generator<number> {
  for (const [i, bits] of set.entries()) {
    for (let word = bits; word !== 0; word &= word - 1) yield i * 32 + 31 - Math.clz32(word & -word);
  }
}
