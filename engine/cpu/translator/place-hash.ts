// Which entry of a region lies at an offset, without a table in memory: a multiplication that gives each entry's offset a
// number of its own (a perfect hash, found by trying multipliers), for a `br_table` to choose by. Other offsets get such a number
// too, so an entry compares the offset on arrival.
//
// The same offsets always give the same hash: a region's bytes depend on nothing but its code.

export interface PlaceHash {
  /** Number of an offset: offset * multiplier >>> shift, in 32 bits. */
  multiplier: number;
  shift: number;
  /** Index in the list of offsets, by number; undefined where no offset has it. */
  places: (number | undefined)[];
}

/**
 * Multipliers tried are powers of this odd number, 2^32 / golden ratio. (Its multiples would not do: of two offsets that a few
 * steps of the progression bring near each other, all of them do.)
 */
const GOLDEN = 0x9e3779b1;
const TRIES = 32;
/** Offsets of a region differ in their low 16 bits (region-graph.ts), so that this many bits always do. */
const MOST_BITS = 16;

/** `offsets` differ in their low 16 bits. */
export function placeHash(offsets: readonly number[]): PlaceHash {
  for (let bits = Math.max(1, Math.ceil(Math.log2(offsets.length))); bits < MOST_BITS; bits++) {
    let multiplier = GOLDEN;
    for (let n = 0; n < TRIES; n++) {
      const hash = tryHash(offsets, multiplier, bits);
      if (hash) return hash;
      multiplier = Math.imul(multiplier, GOLDEN);
    }
  }
  const hash = tryHash(offsets, 1 << (32 - MOST_BITS), MOST_BITS);
  if (!hash) throw new Error('entries of a region do not differ');
  return hash;
}

function tryHash(offsets: readonly number[], multiplier: number, bits: number): PlaceHash | undefined {
  const shift = 32 - bits;
  const places = new Array<number | undefined>(1 << bits).fill(undefined);
  for (const [index, offset] of offsets.entries()) {
    const number = Math.imul(offset, multiplier) >>> shift;
    if (places[number] !== undefined) return undefined;
    places[number] = index;
  }
  return { multiplier, shift, places };
}
