import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeHash } from './place-hash.ts';

const offset = fc.integer({ min: -0x7000, max: 0x7fff });

describe('the hash of entries', () => {
  it('gives each offset a number of its own', () => {
    fc.assert(
      fc.property(fc.uniqueArray(offset, { minLength: 1, maxLength: 120 }), (offsets) => {
        const { multiplier, shift, places } = placeHash(offsets);
        const found = offsets.map((at) => places[Math.imul(at, multiplier) >>> shift]);
        expect(found).toEqual(offsets.map((_, index) => index));
      }),
    );
  });

  it('stays small for as many entries as regions have', () => {
    fc.assert(
      fc.property(fc.uniqueArray(offset, { minLength: 2, maxLength: 64 }), (offsets) => {
        expect(placeHash(offsets).places.length).toBeLessThanOrEqual(64 * offsets.length);
      }),
      { examples: [[[29591, -20958, 0]]] },
    );
  });

  it('numbers every offset within its table', () => {
    const { multiplier, shift, places } = placeHash([0, 5, -4096]);
    for (let at = -0x8000; at < 0x8000; at++) expect(Math.imul(at, multiplier) >>> shift).toBeLessThan(places.length);
  });
});
