// Recognises file systems by their superblocks, and reads what a FAT volume has in its root directory.

import { hasAt, type ImageReader, latin1, u8, u16, u32 } from './image-file.ts';

interface FileSystem {
  name: string;
  matches(head: Uint8Array): boolean;
}

const EXT_SUPERBLOCK = 1024;
const EXT_INCOMPATIBLE = EXT_SUPERBLOCK + 0x60;
const EXT_COMPATIBLE = EXT_SUPERBLOCK + 0x5c;
/** Extents, 64-bit, flexible groups (Linux, Documentation/filesystems/ext4/super.rst). */
const EXT4_FEATURES = 0x40 | 0x80 | 0x200;
const EXT3_JOURNAL = 0x4;

const FILE_SYSTEMS: readonly FileSystem[] = [
  { name: 'NTFS', matches: (head) => hasAt(head, 3, 'NTFS    ') },
  { name: 'exFAT', matches: (head) => hasAt(head, 3, 'EXFAT   ') },
  { name: 'FAT32', matches: (head) => fatLayout(head)?.bits === 32 },
  { name: 'FAT16', matches: (head) => fatLayout(head)?.bits === 16 },
  { name: 'FAT12', matches: (head) => fatLayout(head)?.bits === 12 },
  { name: 'HPFS', matches: (head) => u32(head, 16 * 512) === 0xf995e849 },
  { name: 'ext4', matches: (head) => isExt(head) && (u32(head, EXT_INCOMPATIBLE) & EXT4_FEATURES) !== 0 },
  { name: 'ext3', matches: (head) => isExt(head) && (u32(head, EXT_COMPATIBLE) & EXT3_JOURNAL) !== 0 },
  { name: 'ext2', matches: isExt },
  { name: 'XFS', matches: (head) => hasAt(head, 0, 'XFSB') },
  { name: 'Btrfs', matches: (head) => hasAt(head, 0x10040, '_BHRfS_M') },
  { name: 'SquashFS', matches: (head) => hasAt(head, 0, 'hsqs') },
  { name: 'EROFS', matches: (head) => u32(head, 1024) === 0xe0f5e1e2 },
  { name: 'F2FS', matches: (head) => u32(head, 1024) === 0xf2f52010 },
  { name: 'ReiserFS', matches: (head) => hasAt(head, 0x10034, 'ReIsEr') },
  { name: 'Minix file system', matches: (head) => [0x137f, 0x138f, 0x2468, 0x2478].includes(u16(head, 1024 + 16)) },
  { name: 'BFS', matches: (head) => hasAt(head, 512 + 32, '1SFB') },
  { name: 'Linux swap', matches: (head) => hasAt(head, 4086, 'SWAPSPACE2') },
  { name: 'LVM volume', matches: (head) => hasAt(head, 512, 'LABELONE') },
  { name: 'LUKS-encrypted volume', matches: (head) => hasAt(head, 0, 'LUKS\xba\xbe') },
  { name: 'HFS+', matches: (head) => hasAt(head, 1024, 'H+') || hasAt(head, 1024, 'HX') },
];

/** @param head the first 68 KiB */
export function fileSystemName(head: Uint8Array): string | undefined {
  return FILE_SYSTEMS.find(({ matches }) => matches(head))?.name;
}

function isExt(head: Uint8Array): boolean {
  return u16(head, EXT_SUPERBLOCK + 0x38) === 0xef53;
}

export interface FatLayout {
  bits: 12 | 16 | 32;
  /** Bytes. */
  rootOffset: number;
  rootSize: number;
  size: number;
}

/** Microsoft FAT specification 1.03, "Boot Sector and BPB" and "FAT Type Determination"; undefined if this is none. */
export function fatLayout(sector: Uint8Array): FatLayout | undefined {
  const bytesPerSector = u16(sector, 11);
  const perCluster = u8(sector, 13);
  const reserved = u16(sector, 14);
  const fats = u8(sector, 16);
  const jump = u8(sector, 0) === 0xeb || u8(sector, 0) === 0xe9;
  if (!jump || ![512, 1024, 2048, 4096].includes(bytesPerSector)) return undefined;
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0 || reserved === 0 || fats === 0 || fats > 2)
    return undefined;
  const descriptor = u8(sector, 21);
  if (descriptor !== 0xf0 && descriptor < 0xf8) return undefined;
  const rootEntries = u16(sector, 17);
  const perFat = u16(sector, 22) || u32(sector, 36);
  const total = u16(sector, 19) || u32(sector, 32);
  const rootSectors = Math.ceil((rootEntries * 32) / bytesPerSector);
  const data = reserved + fats * perFat + rootSectors;
  if (perFat === 0 || total <= data) return undefined;
  const clusters = Math.floor((total - data) / perCluster);
  // FAT32 has no root directory of fixed size: it is a chain of clusters, of which the first is looked at.
  const bits = rootEntries === 0 ? 32 : clusters < 4085 ? 12 : 16;
  const root = bits === 32 ? data + (u32(sector, 44) - 2) * perCluster : data - rootSectors;
  return {
    bits,
    rootOffset: root * bytesPerSector,
    rootSize: (bits === 32 ? perCluster : rootSectors) * bytesPerSector,
    size: total * bytesPerSector,
  };
}

const FAT_ENTRY = 32;
const DELETED = 0xe5;
const VOLUME_LABEL = 8;
const ROOT_LIMIT = 64 << 10;

/** Short names ("IO.SYS") in the root directory of a volume that begins at `start`, bytes. */
export async function fatRootNames(reader: ImageReader, start: number): Promise<string[]> {
  const layout = fatLayout(await reader.bytes(start, 512));
  if (!layout) return [];
  const root = await reader.bytes(start + layout.rootOffset, Math.min(layout.rootSize, ROOT_LIMIT));
  const names: string[] = [];
  for (let at = 0; at + FAT_ENTRY <= root.length && u8(root, at) !== 0; at += FAT_ENTRY) {
    if (u8(root, at) === DELETED || u8(root, at + 11) & VOLUME_LABEL) continue;
    const extension = latin1(root, at + 8, 3).trim();
    names.push(latin1(root, at, 8).trim() + (extension && `.${extension}`));
  }
  return names;
}
