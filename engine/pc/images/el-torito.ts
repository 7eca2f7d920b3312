// Reads the catalog by which a CD says what may be booted from it ("El Torito" Bootable CD-ROM Format Specification 1.0, §2;
// platform EFh: UEFI Specification 2.10 §13.3.2.1).

import { type ImageReader, u8, u16, u32 } from './image-file.ts';
import { CD_SECTOR } from './iso9660.ts';
import type { BootEntry } from './recognized.ts';

const ENTRY = 32;
/** Entries that are looked at: real catalogs have two or three. */
const ENTRIES = 64;

const VALIDATION = 0x01;
const BOOTABLE = 0x88;
const NOT_BOOTABLE = 0x00;
const SECTION = 0x90;
const LAST_SECTION = 0x91;
const EXTENSION = 0x44;
const EXTENSION_FOLLOWS = 1 << 5;

const PLATFORMS: Record<number, BootEntry['platform']> = { 0: 'bios', 1: 'powerpc', 2: 'mac', 239: 'efi' };
const EMULATIONS: readonly BootEntry['emulation'][] = ['none', 'floppy-1.2M', 'floppy-1.44M', 'floppy-2.88M', 'disk'];
/** Of 512 bytes each: what an entry counts in. */
const VIRTUAL_SECTOR = 512;

/** `valid`: the catalog begins as it must. The first entry is the one that a BIOS boots; the others are for those who look. */
export async function readBootCatalog(
  reader: ImageReader,
  sector: number,
): Promise<{ valid: boolean; entries: BootEntry[] }> {
  const catalog = await reader.bytes(sector * CD_SECTOR, ENTRIES * ENTRY);
  if (!isValidation(catalog)) return { valid: false, entries: [] };
  const entries: BootEntry[] = [entryAt(catalog, ENTRY, u8(catalog, 1))];
  let at = 2 * ENTRY;
  for (let last = false; !last && at + ENTRY <= catalog.length; ) {
    const header = u8(catalog, at);
    if (header !== SECTION && header !== LAST_SECTION) break;
    last = header === LAST_SECTION;
    const platform = u8(catalog, at + 1);
    const count = u16(catalog, at + 2);
    at += ENTRY;
    for (let i = 0; i < count && at + ENTRY <= catalog.length; i++) {
      const indicator = u8(catalog, at);
      if (indicator !== BOOTABLE && indicator !== NOT_BOOTABLE) break;
      entries.push(entryAt(catalog, at, platform));
      let extended = (u8(catalog, at + 1) & EXTENSION_FOLLOWS) !== 0;
      at += ENTRY;
      while (extended && u8(catalog, at) === EXTENSION) {
        extended = (u8(catalog, at + 1) & EXTENSION_FOLLOWS) !== 0;
        at += ENTRY;
      }
    }
  }
  return { valid: true, entries };
}

/** §2.1: the words of a validation entry add up to zero. */
function isValidation(catalog: Uint8Array): boolean {
  if (u8(catalog, 0) !== VALIDATION || u16(catalog, 30) !== 0xaa55) return false;
  let sum = 0;
  for (let at = 0; at < ENTRY; at += 2) sum += u16(catalog, at);
  return sum % 0x10000 === 0;
}

function entryAt(catalog: Uint8Array, at: number, platform: number): BootEntry {
  return {
    platform: PLATFORMS[platform] ?? 'unknown',
    emulation: EMULATIONS[u8(catalog, at + 1) & 0x0f] ?? 'unknown',
    bootable: u8(catalog, at) === BOOTABLE,
    offset: u32(catalog, at + 8) * CD_SECTOR,
    loadedBytes: u16(catalog, at + 6) * VIRTUAL_SECTOR,
  };
}
