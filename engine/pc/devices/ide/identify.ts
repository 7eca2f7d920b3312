// What IDENTIFY DEVICE and IDENTIFY PACKET DEVICE report: 256 words (ATA/ATAPI-6, §8.15 and §8.16).

import type { Geometry } from './geometry.ts';

export const IDENTIFY_SIZE = 512;
/** Most sectors in a block of READ and WRITE MULTIPLE. */
export const MAXIMUM_MULTIPLE = 16;
/** The most sectors that 28 bits address. */
export const LBA28_SECTORS = 0x0fffffff;

/** Rises when what guests are told changes. */
const FIRMWARE = '1.0';

/** SET FEATURES: transfer modes by the upper five bits of the sector count. */
export const MODE_PIO = 0x08;
export const MODE_MULTIWORD = 0x20;
export const MODE_ULTRA = 0x40;
/** Modes 0 to 2 of multiword DMA, 0 to 5 of Ultra DMA. */
const MULTIWORD_MODES = 0x07;
const ULTRA_MODES = 0x3f;
export const DEFAULT_MODE = MODE_ULTRA | 5;

interface DiskIdentity {
  serial: string;
  /** Sectors. */
  capacity: number;
  /** As the medium is divided, and as INITIALIZE DEVICE PARAMETERS has it. */
  geometry: Geometry;
  current: Geometry;
  /** 0: not set. */
  multiple: number;
  transferMode: number;
  writeCache: boolean;
  lookAhead: boolean;
  smart: boolean;
}

type Words = Record<number, number>;

export function identifyDisk(disk: DiskIdentity): Uint8Array {
  const { geometry, current, multiple, transferMode } = disk;
  const visible = current.cylinders * current.heads * current.sectors;
  const enabled = (disk.smart ? 0x0001 : 0) | (disk.writeCache ? 0x0020 : 0) | (disk.lookAhead ? 0x0040 : 0);
  return page({
    ...text(10, 10, disk.serial),
    ...text(23, 4, FIRMWARE),
    ...text(27, 20, 'tabvisor HARDDISK'),
    ...modeWords(transferMode),
    0: 0x0040, // fixed, ATA
    1: geometry.cylinders,
    3: geometry.heads,
    4: geometry.sectors * 512,
    5: 512,
    6: geometry.sectors,
    20: 3, // buffer: dual ported, with look-ahead
    21: 512,
    22: 4,
    47: 0x8000 | MAXIMUM_MULTIPLE,
    48: 1, // 32-bit accesses of the data register
    49: 0x0b00, // standby timer as standardised, LBA, DMA
    51: 0x0200,
    52: 0x0200,
    53: 0x0007, // words 54 to 58, 64 to 70 and 88 are valid
    54: current.cylinders,
    55: current.heads,
    56: current.sectors,
    ...double(57, visible),
    59: multiple === 0 ? 0 : 0x0100 | multiple,
    ...double(60, Math.min(disk.capacity, LBA28_SECTORS)),
    64: 3, // PIO 3 and 4
    65: 120, // ns
    66: 120,
    67: 120,
    68: 120,
    69: 0x4000, // after TRIM, sectors are not determinate
    80: 0x00f0, // ATA-4 to ATA-7
    81: 0x0016, // ATA-6 T13 1410D revision 2
    82: 0x4061, // NOP, look-ahead, write cache, SMART
    83: 0x7400, // FLUSH CACHE EXT, FLUSH CACHE, 48-bit addresses
    84: 0x4000,
    85: 0x4000 | enabled,
    86: 0x3400,
    87: 0x4000,
    93: 0x6001, // 80-conductor cable
    ...double(100, disk.capacity),
    102: Math.floor(disk.capacity / 2 ** 32),
    105: 1, // sectors of ranges in a TRIM
    106: 0x6000, // one logical sector a physical one
    169: 1, // TRIM
  });
}

export function identifyCd(serial: string, transferMode: number): Uint8Array {
  return page({
    ...text(10, 10, serial),
    ...text(23, 4, FIRMWARE),
    ...text(27, 20, 'tabvisor CD-ROM'),
    ...modeWords(transferMode),
    0: 0x85c0, // ATAPI, CD, removable, 50 µs from PACKET to DRQ, packets of 12 bytes
    20: 3,
    21: 512,
    22: 4,
    48: 1,
    49: 0x0300, // LBA, DMA
    53: 0x0007,
    64: 3,
    65: 180, // ns
    66: 180,
    67: 300,
    68: 180,
    71: 30, // ns from PACKET, and from SERVICE
    72: 30,
    80: 0x001e, // ATA-1 to ATA-4
  });
}

function page(words: Words): Uint8Array {
  const bytes = new Uint8Array(IDENTIFY_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [word, value] of Object.entries(words)) view.setUint16(2 * Number(word), value, true);
  return bytes;
}

/** Words 62, 63 and 88: the modes there are, and in the upper byte the one that is selected. */
function modeWords(mode: number): Words {
  const selected = (kind: number) => ((mode & 0xf8) === kind ? 0x0100 << (mode & 7) : 0);
  return {
    62: MULTIWORD_MODES,
    63: MULTIWORD_MODES | selected(MODE_MULTIWORD),
    88: ULTRA_MODES | selected(MODE_ULTRA),
  };
}

/** The value of SET FEATURES, subcommand 03h, if there is such a mode. */
export function isTransferMode(mode: number): boolean {
  if (mode <= 1) return true;
  const number = mode & 7;
  const kind = mode & 0xf8;
  if (kind === MODE_PIO) return number <= 4;
  if (kind === MODE_MULTIWORD) return ((MULTIWORD_MODES >> number) & 1) === 1;
  return kind === MODE_ULTRA && ((ULTRA_MODES >> number) & 1) === 1;
}

function double(word: number, value: number): Words {
  return { [word]: value & 0xffff, [word + 1]: (value >>> 16) & 0xffff };
}

/** ASCII, the first character of a word in its upper byte, padded with blanks. */
function text(first: number, words: number, value: string): Words {
  const padded = value.padEnd(2 * words, ' ');
  return Object.fromEntries(
    Array.from({ length: words }, (_, n) => [
      first + n,
      (padded.charCodeAt(2 * n) << 8) | padded.charCodeAt(2 * n + 1),
    ]),
  );
}
