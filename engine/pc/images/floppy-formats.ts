// The formats of floppy disks that a medium's size stands for: what PC drives read, and what Microsoft distributed software on.
// 512 bytes a sector throughout. Geometries: IBM PC/AT Technical Reference (diskettes and drives), ECMA-147 (2.88 MB); DMF
// (1680 KiB, 21 sectors a track) and its 82-track variant as fdutils' and Linux's tables of formats have them (drivers/block/floppy.c).

export interface FloppyFormat {
  /** As on the label. */
  name: string;
  cylinders: number;
  heads: number;
  sectorsPerTrack: number;
}

const SECTOR = 512;

export const FLOPPY_FORMATS: readonly FloppyFormat[] = [
  { name: '160 KB', cylinders: 40, heads: 1, sectorsPerTrack: 8 },
  { name: '180 KB', cylinders: 40, heads: 1, sectorsPerTrack: 9 },
  { name: '320 KB', cylinders: 40, heads: 2, sectorsPerTrack: 8 },
  { name: '360 KB', cylinders: 40, heads: 2, sectorsPerTrack: 9 },
  { name: '720 KB', cylinders: 80, heads: 2, sectorsPerTrack: 9 },
  { name: '1.2 MB', cylinders: 80, heads: 2, sectorsPerTrack: 15 },
  { name: '1.44 MB', cylinders: 80, heads: 2, sectorsPerTrack: 18 },
  { name: '1.68 MB', cylinders: 80, heads: 2, sectorsPerTrack: 21 },
  { name: '1.72 MB', cylinders: 82, heads: 2, sectorsPerTrack: 21 },
  { name: '2.88 MB', cylinders: 80, heads: 2, sectorsPerTrack: 36 },
];

/** Of a medium, bytes. */
export function floppySize({ cylinders, heads, sectorsPerTrack }: FloppyFormat): number {
  return cylinders * heads * sectorsPerTrack * SECTOR;
}

export function floppyFormatOfSize(size: number): FloppyFormat | undefined {
  return FLOPPY_FORMATS.find((format) => floppySize(format) === size);
}

/** The medium that a file of this size, which is none, would be written to: 1.44 MB if it fits there. */
export function floppyFormatFor(size: number): FloppyFormat | undefined {
  return [FLOPPY_FORMATS[6], FLOPPY_FORMATS[9]].find((format) => size <= floppySize(format));
}
