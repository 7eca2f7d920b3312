// Floppy disks by their size: what an image of that many bytes is, and which drive it belongs in. Sectors have 512 bytes and
// follow one another cylinder by cylinder, head by head, from sector 1 on, as every image of a floppy disk has them.

import { SECTOR } from './block.ts';

/** Kinds of drives, by the code that CMOS memory has for them (register 10h; Ralf Brown's CMOS list). */
export const FLOPPY_DRIVE = { none: 0, kb360: 1, mb1_2: 2, kb720: 3, mb1_44: 4, mb2_88: 5 } as const;

/** kbit/s, as drivers select them. */
export type DataRate = 250 | 300 | 500 | 1000;

export interface FloppyFormat {
  /** As on the label. */
  name: string;
  cylinders: number;
  heads: 1 | 2;
  /** Sectors of a track. */
  sectors: number;
  /** At which its marks are found. */
  rates: readonly DataRate[];
  /** The drive that is put in for it, as QEMU chooses: its code in FLOPPY_DRIVE. */
  drive: number;
}

/** 250 kbit/s in a drive of 300 turns a minute, 300 in one of 360: firmware uses either, whatever the drive. */
const DOUBLE: readonly DataRate[] = [250, 300];
const HIGH: readonly DataRate[] = [500];
const EXTRA: readonly DataRate[] = [1000];
const { mb1_2, mb1_44, mb2_88 } = FLOPPY_DRIVE;

/**
 * Label, cylinders, heads, sectors, rates, drive. Geometries: IBM PC/AT Technical Reference (diskettes and drives), ECMA-147 (2.88 MB);
 * those beyond them as fdutils' and Linux's tables of formats have them (drivers/block/floppy.c).
 */
const FORMATS: readonly (readonly [string, number, 1 | 2, number, readonly DataRate[], number])[] = [
  ['160 KB', 40, 1, 8, DOUBLE, mb1_2],
  ['180 KB', 40, 1, 9, DOUBLE, mb1_2],
  ['320 KB', 40, 2, 8, DOUBLE, mb1_2],
  ['360 KB', 40, 2, 9, DOUBLE, mb1_2],
  ['720 KB', 80, 2, 9, [250], mb1_44],
  ['800 KB', 80, 2, 10, [250], mb1_44],
  ['820 KB', 82, 2, 10, [250], mb1_44],
  ['1.2 MB', 80, 2, 15, HIGH, mb1_2],
  ['1.44 MB', 80, 2, 18, HIGH, mb1_44],
  ['1.6 MB', 80, 2, 20, HIGH, mb1_44],
  ['1.68 MB', 80, 2, 21, HIGH, mb1_44], // Microsoft's DMF
  ['1.72 MB', 82, 2, 21, HIGH, mb1_44],
  ['1.74 MB', 83, 2, 21, HIGH, mb1_44],
  ['2.88 MB', 80, 2, 36, EXTRA, mb2_88],
];

export const FLOPPY_FORMATS: readonly FloppyFormat[] = FORMATS.map(
  ([name, cylinders, heads, sectors, rates, drive]) => ({
    name,
    cylinders,
    heads,
    sectors,
    rates,
    drive,
  }),
);

/** Bytes of a disk of that format. */
export function formatSize({ cylinders, heads, sectors }: FloppyFormat): number {
  return cylinders * heads * sectors * SECTOR;
}

/** The format of a disk of exactly `size` bytes. */
export function floppyFormat(size: number): FloppyFormat | undefined {
  return FLOPPY_FORMATS.find((format) => formatSize(format) === size);
}

/**
 * The format that an image of another size is taken for, as the beginning of such a disk: 1.44 MB, else 2.88 MB. Undefined if it is
 * longer, or empty.
 */
export function cutOffFormat(size: number): FloppyFormat | undefined {
  if (size <= 0) return undefined;
  return FLOPPY_FORMATS.find(
    (format) => format.cylinders === 80 && [18, 36].includes(format.sectors) && formatSize(format) > size,
  );
}
