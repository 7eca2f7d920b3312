// Which sectors a disk's command is about: the commands that move sectors, and the registers that say where and how many (ATA/ATAPI-6,
// §6.2 and §8; cylinder, head and sector: ATA-5, §6.2).

import { type Geometry, sectorNumber } from './geometry.ts';
import { LBA, type TaskFile } from './registers.ts';

export interface SectorCommand {
  kind: 'read' | 'write' | 'verify';
  /** 48-bit addresses. */
  extended?: boolean;
  by?: 'dma' | 'multiple';
}

/** By command code. */
export const SECTOR_COMMANDS: Readonly<Record<number, SectorCommand>> = {
  32: { kind: 'read' },
  33: { kind: 'read' },
  36: { kind: 'read', extended: true },
  37: { kind: 'read', extended: true, by: 'dma' },
  41: { kind: 'read', extended: true, by: 'multiple' },
  48: { kind: 'write' },
  49: { kind: 'write' },
  52: { kind: 'write', extended: true },
  53: { kind: 'write', extended: true, by: 'dma' },
  57: { kind: 'write', extended: true, by: 'multiple' },
  64: { kind: 'verify' },
  65: { kind: 'verify' },
  66: { kind: 'verify', extended: true },
  196: { kind: 'read', by: 'multiple' },
  197: { kind: 'write', by: 'multiple' },
  200: { kind: 'read', by: 'dma' },
  201: { kind: 'read', by: 'dma' },
  202: { kind: 'write', by: 'dma' },
  203: { kind: 'write', by: 'dma' },
};

/** The sector that the registers name; undefined: the geometry has no such one. */
export function addressOf(file: TaskFile, geometry: Geometry, extended: boolean): number | undefined {
  const { low, mid, high, device, previous } = file;
  const lower = low | (mid << 8) | (high << 16);
  if (extended) return lower + (previous.low + previous.mid * 2 ** 8 + previous.high * 2 ** 16) * 2 ** 24;
  if (device & LBA) return lower + (device & 15) * 2 ** 24;
  return sectorNumber(geometry, mid | (high << 8), device & 15, low);
}

export function countOf({ count, previous }: TaskFile, extended: boolean): number {
  return extended ? (previous.count << 8) | count || 0x10000 : count || 0x100;
}

/** Puts a sector's number into the registers: as LBA if the command was given one, or if `extended`. */
export function leaveAddress(file: TaskFile, geometry: Geometry, lba: number, extended: boolean): void {
  if (extended || file.device & LBA) {
    leaveLba(file, lba, extended);
    return;
  }
  const track = Math.floor(lba / geometry.sectors);
  const cylinder = Math.floor(track / geometry.heads);
  Object.assign(file, { low: (lba % geometry.sectors) + 1, mid: cylinder & 0xff, high: (cylinder >> 8) & 0xff });
  file.device = (file.device & 0xf0) | (track % geometry.heads);
}

export function leaveLba(file: TaskFile, lba: number, extended: boolean): void {
  const byte = (n: number) => Math.floor(lba / 2 ** (8 * n)) & 0xff;
  Object.assign(file, { low: byte(0), mid: byte(1), high: byte(2) });
  if (extended) Object.assign(file.previous, { low: byte(3), mid: byte(4), high: byte(5) });
  else file.device = (file.device & 0xf0) | (byte(3) & 15);
}
