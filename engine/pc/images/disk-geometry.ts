// Cylinders, heads and sectors of a disk image. The numbers in its partition table were written on a machine whose BIOS had some
// geometry; old boot code and DOS want the same one. An entry names its first and last sector both ways, as CHS and as a
// number, which fixes heads and sectors per track unless the cylinder is beyond the 1023 that CHS can hold.

import { u8, u32 } from './image-file.ts';

export interface DiskGeometry {
  cylinders: number;
  heads: number;
  sectorsPerTrack: number;
  /** The partition table says so, or it is the customary one for the size. */
  source: 'partition-table' | 'size';
}

export const MBR_TABLE = 446;
export const MBR_ENTRY_SIZE = 16;
export const MBR_ENTRIES = 4;

const MAXIMUM_HEADS = 256;
const MAXIMUM_SECTORS = 63;
/** Of CHS in a partition table and of BIOS INT 13h: 10 bits. */
const LAST_CYLINDER = 1023;
/** The geometry that a disk reports for CHS commands has no more (ATA/ATAPI-5 §6.2.1 and annex C: 16383 × 16 × 63). */
const ATA_CYLINDERS = 16383;
const ATA_HEADS = 16;

interface Chs {
  cylinder: number;
  head: number;
  /** From 1. */
  sector: number;
}

/** @param mbr the first sector; @param sectors of 512 bytes that the disk has */
export function diskGeometry(mbr: Uint8Array, sectors: number): DiskGeometry {
  return geometryOfTable(mbr, sectors) ?? geometryOfSize(sectors);
}

/** A guess that every entry of the table agrees with; undefined if there is none. */
function geometryOfTable(mbr: Uint8Array, sectors: number): DiskGeometry | undefined {
  const points: { chs: Chs; sector: number }[] = [];
  for (let i = 0; i < MBR_ENTRIES; i++) {
    const at = MBR_TABLE + i * MBR_ENTRY_SIZE;
    const first = u32(mbr, at + 8);
    const count = u32(mbr, at + 12);
    if (u8(mbr, at + 4) === 0 || count === 0) continue;
    points.push({ chs: chsAt(mbr, at + 1), sector: first }, { chs: chsAt(mbr, at + 5), sector: first + count - 1 });
  }
  // A partition ends at the end of a cylinder, so its last sector's head and sector are the highest that there are.
  for (const { chs } of points.filter((_, i) => i % 2 === 1)) {
    const heads = chs.head + 1;
    const sectorsPerTrack = chs.sector;
    if (sectorsPerTrack === 0 || heads > MAXIMUM_HEADS) continue;
    const agrees = ({ chs: point, sector }: (typeof points)[number]) =>
      point.cylinder >= LAST_CYLINDER ||
      (point.cylinder * heads + point.head) * sectorsPerTrack + point.sector - 1 === sector;
    const decided = points.some(({ chs: point }) => point.cylinder < LAST_CYLINDER && point.cylinder > 0);
    if (!points.every(agrees) || (!decided && heads !== 255)) continue;
    const cylinders = Math.max(1, Math.floor(sectors / (heads * sectorsPerTrack)));
    return { cylinders, heads, sectorsPerTrack, source: 'partition-table' };
  }
  return undefined;
}

function geometryOfSize(sectors: number): DiskGeometry {
  const cylinders = Math.floor(sectors / (ATA_HEADS * MAXIMUM_SECTORS));
  return {
    cylinders: Math.min(ATA_CYLINDERS, Math.max(1, cylinders)),
    heads: ATA_HEADS,
    sectorsPerTrack: MAXIMUM_SECTORS,
    source: 'size',
  };
}

/** Three bytes: head; sector and the cylinder's high bits; the cylinder's low byte. */
function chsAt(mbr: Uint8Array, at: number): Chs {
  const packed = u8(mbr, at + 1);
  return { head: u8(mbr, at), sector: packed & 0x3f, cylinder: ((packed & 0xc0) << 2) | u8(mbr, at + 2) };
}
