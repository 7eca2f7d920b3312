// Cylinders, heads and sectors: how software of before LBA sees a disk.

export interface Geometry {
  cylinders: number;
  heads: number;
  /** Per track, counted from 1. */
  sectors: number;
}

/** The limits of ATA/ATAPI-6, §6.2: 16383 cylinders of 16 heads and 63 sectors stand for any larger disk. */
const MAXIMUM_CYLINDERS = 16383;
const HEADS = 16;
const SECTORS = 63;

/** The division of a disk of `capacity` sectors. */
export function defaultGeometry(capacity: number): Geometry {
  return divided(capacity, HEADS, SECTORS);
}

/** With heads and sectors as the guest wants them; both at least 1. */
export function divided(capacity: number, heads: number, sectors: number): Geometry {
  const cylinders = Math.min(Math.floor(capacity / (heads * sectors)), MAXIMUM_CYLINDERS);
  return { cylinders: Math.max(cylinders, capacity > 0 ? 1 : 0), heads, sectors };
}

/** The sector's number; undefined: the geometry has no such sector. */
export function sectorNumber({ heads, sectors }: Geometry, cylinder: number, head: number, sector: number) {
  if (head >= heads || sector < 1 || sector > sectors) return undefined;
  return (cylinder * heads + head) * sectors + sector - 1;
}
