// What makes a CD bootable: a volume descriptor that leads to a catalog, and the catalog with one entry ("El Torito" Bootable CD-ROM
// Format Specification 1.0, §2 and figure 7).

import { ascii, little32 } from './iso-fields.ts';

const SECTOR = 2048;
const BOOTABLE = 0x88;
/** Of 512 bytes, which a BIOS reads before it starts the program; loaders read the rest of themselves. */
const LOADED_SECTORS = 4;

export function bootRecord(catalogSector: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SECTOR);
  bytes.set([0, ...ascii('CD001'), 1, ...ascii('EL TORITO SPECIFICATION')]);
  bytes.set(little32(catalogSector), 71);
  return bytes;
}

/** For a program at that sector, without emulation, on 80x86. The words of the first entry add up to zero. */
export function bootCatalog(programSector: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SECTOR);
  bytes.set([1, 0]);
  bytes.set([0xaa, 0x55, 0x55, 0xaa], 28);
  bytes.set([BOOTABLE, 0, 0, 0, 0, 0, LOADED_SECTORS, 0, ...little32(programSector)], 32);
  return bytes;
}
