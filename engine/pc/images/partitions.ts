// Reads partition tables: the MBR's four entries with the chain of logical partitions, and GPT (UEFI Specification 2.10 §5.2, §5.3).

import { crc32 } from '../firmware/crc32.ts';
import { MBR_ENTRIES, MBR_ENTRY_SIZE, MBR_TABLE } from './disk-geometry.ts';
import { hasAt, type ImageReader, u8, u16, u32, u64 } from './image-file.ts';
import type { Partition } from './recognized.ts';

const SECTOR = 512;
const ACTIVE = 0x80;
const EXTENDED = new Set([0x05, 0x0f, 0x85]);
export const PROTECTIVE = 0xee;
/** Logical partitions that are followed; the chain may be a loop. */
const LOGICAL = 64;
/** Entries and bytes of a GPT that are read: by the specification it has 128 of 128 bytes. */
const GPT_ENTRIES = 128;
const GPT_BYTES = 128 << 10;

/** As Linux's and Microsoft's tools name them. */
const MBR_TYPES: Record<number, string> = {
  1: 'FAT12',
  4: 'FAT16',
  5: 'extended',
  6: 'FAT16',
  7: 'NTFS, HPFS or exFAT',
  10: 'OS/2 boot manager',
  11: 'FAT32',
  12: 'FAT32',
  14: 'FAT16',
  15: 'extended',
  17: 'hidden FAT12',
  18: 'diagnostics',
  20: 'hidden FAT16',
  22: 'hidden FAT16',
  23: 'hidden NTFS',
  27: 'hidden FAT32',
  28: 'hidden FAT32',
  39: 'Windows recovery',
  57: 'Plan 9',
  99: 'Unix System V',
  108: 'DragonFly BSD',
  128: 'Minix',
  129: 'Minix',
  130: 'Linux swap',
  131: 'Linux',
  133: 'Linux extended',
  142: 'Linux LVM',
  165: 'FreeBSD',
  166: 'OpenBSD',
  168: 'macOS UFS',
  169: 'NetBSD',
  175: 'macOS HFS+',
  190: 'Solaris boot',
  191: 'Solaris',
  235: 'BeOS or Haiku',
  238: 'GPT',
  239: 'EFI system',
  251: 'VMware VMFS',
  253: 'Linux RAID',
};

export interface MbrEntry {
  type: number;
  active: boolean;
  /** Sectors. */
  start: number;
  count: number;
}

/** Entries that are in use; undefined if this is no partition table. */
export function readMbr(sector: Uint8Array): MbrEntry[] | undefined {
  if (u16(sector, 510) !== 0xaa55) return undefined;
  const entries: MbrEntry[] = [];
  for (let i = 0; i < MBR_ENTRIES; i++) {
    const at = MBR_TABLE + i * MBR_ENTRY_SIZE;
    const flag = u8(sector, at);
    const entry = {
      type: u8(sector, at + 4),
      active: flag === ACTIVE,
      start: u32(sector, at + 8),
      count: u32(sector, at + 12),
    };
    if (flag !== 0 && flag !== ACTIVE) return undefined;
    if (entry.type === 0 && entry.count === 0) continue;
    if (entry.type === 0 || entry.count === 0) return undefined;
    entries.push(entry);
  }
  return entries;
}

export function mbrPartition({ type, active, start, count }: MbrEntry): Partition {
  return {
    scheme: 'mbr',
    type: MBR_TYPES[type] ?? `type ${type.toString(16).padStart(2, '0')}h`,
    active,
    start: start * SECTOR,
    size: count * SECTOR,
  };
}

/** Of an extended partition: each link of the chain has one logical partition, and the next link. */
export async function logicalPartitions(reader: ImageReader, entries: readonly MbrEntry[]): Promise<MbrEntry[]> {
  const extended = entries.find(({ type }) => EXTENDED.has(type));
  const found: MbrEntry[] = [];
  const seen = new Set<number>();
  for (let at = extended?.start; extended && at !== undefined && !seen.has(at) && seen.size < LOGICAL; ) {
    seen.add(at);
    const link = readMbr(await reader.bytes(at * SECTOR, SECTOR)) ?? [];
    const logical = link.find(({ type }) => !EXTENDED.has(type));
    const next = link.find(({ type }) => EXTENDED.has(type));
    if (logical) found.push({ ...logical, start: logical.start + at });
    at = next && extended.start + next.start;
  }
  return found;
}

const GPT_TYPES: Record<string, string> = {
  '21686148-6449-6E6F-744E-656564454649': 'BIOS boot',
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': 'EFI system',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': 'Windows data',
  'E3C9E316-0B5C-4DB8-817D-F92DF00215AE': 'Windows reserved',
  'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC': 'Windows recovery',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'Linux',
  '44479540-F297-41B2-9AF7-D131D5F0458A': 'Linux root, i386',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709': 'Linux root, x86-64',
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': 'Linux swap',
  'E6D6D379-F507-44C2-A23C-238F2A3DF928': 'Linux LVM',
  '83BD6B9D-7F41-11DC-BE0B-001560B84F0F': 'FreeBSD boot',
  '516E7CB6-6ECF-11D6-8FF8-00022D09712B': 'FreeBSD',
  '824CC7A0-36A8-11E3-890A-952519AD3F61': 'OpenBSD',
  '42465331-3BA3-10F1-802A-4861696B7521': 'Haiku',
  '48465300-0000-11AA-AA11-00306543ECAC': 'macOS HFS+',
};
/** By which boot code of a BIOS finds its next part. */
export const GPT_BIOS_BOOT = new Set(['BIOS boot', 'FreeBSD boot']);
const LEGACY_BIOS_BOOTABLE = 1 << 2;

export interface Gpt {
  partitions: Partition[];
  /** What is wrong with it, as the end of a sentence. */
  damage?: string;
}

/** Undefined if there is neither a table nor its copy at the end of the disk. */
export async function readGpt(reader: ImageReader): Promise<Gpt | undefined> {
  const first = await gptAt(reader, SECTOR);
  if (first && !first.damage) return first;
  const copy = await gptAt(reader, Math.floor(reader.size / SECTOR - 1) * SECTOR);
  if (copy && !copy.damage)
    return { ...copy, damage: `${first?.damage ?? 'its first table is missing'}; the copy at the end is sound` };
  return first;
}

async function gptAt(reader: ImageReader, offset: number): Promise<Gpt | undefined> {
  const header = await reader.bytes(offset, SECTOR);
  if (!hasAt(header, 0, 'EFI PART')) return undefined;
  const headerSize = u32(header, 12);
  if (headerSize < 92 || headerSize > SECTOR) return { partitions: [], damage: 'its header has an impossible size' };
  const summed = header.slice(0, headerSize);
  summed.fill(0, 16, 20);
  if (crc32(summed) !== u32(header, 16)) return { partitions: [], damage: 'the checksum of its header is wrong' };
  const entrySize = u32(header, 84);
  const count = u32(header, 80);
  if (entrySize < 128 || entrySize % 8 !== 0 || entrySize * count > GPT_BYTES)
    return { partitions: [], damage: 'its entries have an impossible size' };
  const table = await reader.bytes(u64(header, 72) * SECTOR, entrySize * count);
  const partitions = gptPartitions(table, entrySize, count);
  if (crc32(table) !== u32(header, 88)) return { partitions, damage: 'the checksum of its entries is wrong' };
  return { partitions };
}

function gptPartitions(table: Uint8Array, entrySize: number, count: number): Partition[] {
  const partitions: Partition[] = [];
  for (let i = 0; i < Math.min(count, GPT_ENTRIES); i++) {
    const entry = table.subarray(i * entrySize, (i + 1) * entrySize);
    const type = guidText(entry);
    if (entry.length < 128 || /^[0-]*$/.test(type)) continue;
    const start = u64(entry, 32) * SECTOR;
    const name = new TextDecoder('utf-16le').decode(entry.subarray(56, 128)).split('\0')[0];
    partitions.push({
      scheme: 'gpt',
      type: GPT_TYPES[type] ?? type,
      name: name.replace(/\p{C}/gu, '') || undefined,
      active: (u8(entry, 48) & LEGACY_BIOS_BOOTABLE) !== 0,
      start,
      size: Math.max(0, (u64(entry, 40) + 1) * SECTOR - start),
    });
  }
  return partitions;
}

/** The first three fields are little-endian (UEFI Specification, appendix A). */
function guidText(bytes: Uint8Array): string {
  const hex = (order: number[]) =>
    order.map((at) => u8(bytes, at).toString(16).padStart(2, '0').toUpperCase()).join('');
  return [hex([3, 2, 1, 0]), hex([5, 4]), hex([7, 6]), hex([8, 9]), hex([10, 11, 12, 13, 14, 15])].join('-');
}
