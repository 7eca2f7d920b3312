import { describe, expect, it } from 'vitest';
import { diskGeometry } from './disk-geometry.ts';
import { mbr } from './testing/images.ts';

describe('diskGeometry', () => {
  /** Of a partition from the second track to the end of a cylinder. */
  function table(heads: number, sectors: number, lastCylinder: number) {
    const start = sectors;
    const end = (lastCylinder + 1) * heads * sectors - 1;
    const chs: [number, number, number][] = [
      [0, 1, 1],
      [Math.min(lastCylinder, 1023), heads - 1, sectors],
    ];
    return { first: mbr([{ type: 6, start, count: end - start + 1, chs }]), sectors: end + 1 };
  }

  it.each([
    [16, 63, 500],
    [4, 17, 614],
    [15, 17, 300],
    [64, 32, 1000],
    [255, 63, 260],
    [255, 63, 5000],
    [128, 63, 900],
  ])('finds %i heads of %i sectors from the partition table', (heads, sectorsPerTrack, last) => {
    const { first, sectors } = table(heads, sectorsPerTrack, last);
    const expected = { cylinders: last + 1, heads, sectorsPerTrack, source: 'partition-table' };
    expect(diskGeometry(first, sectors)).toEqual(expected);
  });

  it('believes no table that contradicts itself', () => {
    const { first, sectors } = table(16, 63, 500);
    first[446 + 12] ^= 1; // its size
    expect(diskGeometry(first, sectors)).toMatchObject({ heads: 16, sectorsPerTrack: 63, source: 'size' });
  });

  it('has the customary one for a disk without a table', () => {
    const blank = new Uint8Array(512);
    expect(diskGeometry(blank, 204_800)).toEqual({ cylinders: 203, heads: 16, sectorsPerTrack: 63, source: 'size' });
    expect(diskGeometry(blank, 1)).toMatchObject({ cylinders: 1 });
    expect(diskGeometry(blank, 2 ** 32)).toMatchObject({ cylinders: 16383 });
  });
});
