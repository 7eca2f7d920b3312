// For tests: images of every kind, made in code, and files that lie in memory.

import { type FloppyFormat, floppyFormat, formatSize } from '../../bus/floppy-formats.ts';
import { crc32 } from '../../firmware/crc32.ts';
import type { ImageFile } from '../image-file.ts';

export interface MemoryFile extends ImageFile {
  /** Bytes that were read so far. */
  bytesRead: number;
}

export function memoryFile(bytes: Uint8Array, name = 'file'): MemoryFile {
  return {
    name,
    size: bytes.length,
    bytesRead: 0,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length)
        throw new Error('a read beyond the end of the file');
      this.bytesRead += length;
      return Promise.resolve(bytes.slice(offset, offset + length));
    },
  };
}

export function text(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

/** An image of `size` bytes with pieces in it: texts are a byte a character. */
export function image(
  size: number,
  pieces: Record<number, string | Uint8Array | readonly number[]>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (const [at, piece] of Object.entries(pieces))
    bytes.set(typeof piece === 'string' ? text(piece) : Uint8Array.from(piece), Number(at));
  return bytes;
}

export function le32(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

export const SIGNATURE = [0x55, 0xaa];
const CODE = '\xfa\x33\xc0\x8e\xd0\xbc\0\x7c';

export interface PartitionEntry {
  type: number;
  active?: boolean;
  /** Sectors. */
  start: number;
  count: number;
  /** Cylinder, head, sector of its first and last sector. */
  chs?: [number, number, number][];
}

function chsBytes([cylinder, head, sector]: readonly number[]): number[] {
  return [head, sector | ((cylinder >> 2) & 0xc0), cylinder & 0xff];
}

/** A boot record of 512 bytes. */
export function mbr(entries: readonly PartitionEntry[], code = `${CODE}Missing operating system`): Uint8Array {
  const sector = image(512, { 0: code, 510: SIGNATURE });
  for (const [i, { type, active, start, count, chs }] of entries.entries()) {
    const [first, last] = (
      chs ?? [
        [1023, 254, 63],
        [1023, 254, 63],
      ]
    ).map(chsBytes);
    sector.set([active ? 0x80 : 0, ...first, type, ...last], 446 + i * 16);
    sector.set(le32(start, count), 446 + i * 16 + 8);
  }
  return sector;
}

export interface GptEntry {
  /** The GUID as its 16 bytes. */
  type: string;
  name: string;
  first: number;
  last: number;
  attributes?: number;
}

export const GUID_EFI_SYSTEM = '\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\0\xa0\xc9\x3e\xc9\x3b';
export const GUID_BIOS_BOOT = '\x48\x61\x68\x21\x49\x64\x6f\x6e\x74\x4e\x65\x65\x64\x45\x46\x49';
export const GUID_LINUX = '\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4';

/** A disk of `sectors` with a table at both ends. */
export function gptDisk(sectors: number, entries: readonly GptEntry[], code = ''): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(128 * 128);
  for (const [i, { type, name, first, last, attributes }] of entries.entries()) {
    table.set(text(type), i * 128);
    table.set(le32(first, 0, last, 0, attributes ?? 0), i * 128 + 32);
    for (const [n, character] of [...name].entries()) table[i * 128 + 56 + n * 2] = character.charCodeAt(0);
  }
  const header = (own: number, other: number, at: number) => {
    const bytes = image(512, { 0: 'EFI PART', 8: [0, 0, 1, 0, 92] });
    bytes.set(le32(own, 0, other, 0), 24);
    bytes.set(le32(at, 0, 128, 128, crc32(table)), 72);
    bytes.set(le32(crc32(bytes.subarray(0, 92))), 16);
    return bytes;
  };
  return image(sectors * 512, {
    0: mbr([{ type: 0xee, start: 1, count: sectors - 1 }], code),
    512: header(1, sectors - 1, 2),
    1024: table,
    [(sectors - 33) * 512]: table,
    [(sectors - 1) * 512]: header(sectors - 1, 1, sectors - 33),
  });
}

/** A FAT12 floppy disk with short names in its root directory. */
export function fatFloppy(
  names: readonly string[],
  boot = 'IO      SYSMSDOS   SYS',
  format = floppyFormat(1440 << 10) as FloppyFormat,
): Uint8Array<ArrayBuffer> {
  const sectors = formatSize(format) / 512;
  const bytes = image(sectors * 512, {
    0: '\xeb\x3c\x90MSDOS5.0',
    11: [0, 2, 1, 1, 0, 2, 0xe0, 0, sectors & 0xff, sectors >> 8, 0xf0, 9, 0, format.sectors, 0, format.heads, 0],
    62: CODE,
    200: boot,
    510: SIGNATURE,
    512: [0xf0, 0xff, 0xff],
  });
  for (const [i, name] of names.entries()) bytes.set(text(name), 19 * 512 + i * 32);
  return bytes;
}

export interface CdOptions {
  volumeId?: string;
  /** In the root directory. */
  names?: readonly string[];
  /** Sectors that the volume says it has; those of the image if left out. */
  declared?: number;
  /** `false`: no boot record. */
  catalog?:
    | false
    | { platform?: number; bootable?: boolean; at?: number; sections?: { platform: number; at: number }[] };
  /** Contents of sector 0. */
  mbr?: Uint8Array;
  sectors?: number;
}

const CD = 2048;
const ROOT = 20;
const CATALOG = 21;
const BOOT = 22;

export function cdImage({
  volumeId = 'TEST',
  names = [],
  declared,
  catalog = {},
  mbr: first,
  sectors = 32,
}: CdOptions = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sectors * CD);
  const put = (sector: number, at: number, piece: string | Uint8Array | readonly number[]) =>
    bytes.set(typeof piece === 'string' ? text(piece) : Uint8Array.from(piece), sector * CD + at);
  if (first) put(0, 0, first);
  put(16, 0, '\x01CD001\x01');
  put(16, 40, volumeId.padEnd(32));
  put(16, 80, le32(declared ?? sectors));
  put(16, 128, [0, 8]);
  put(16, 156, record('\0', ROOT, CD, 2));
  let next = 17;
  if (catalog) {
    put(next, 0, '\0CD001\x01EL TORITO SPECIFICATION');
    put(next++, 0x47, le32(CATALOG));
    put(CATALOG, 0, bootCatalog(catalog));
    put(BOOT, 0, CODE);
  }
  put(next, 0, '\xffCD001\x01');
  let at = 0;
  for (const entry of [
    record('\0', ROOT, CD, 2),
    record('\x01', ROOT, CD, 2),
    ...names.map((name) => record(`${name};1`, 30, 5, 0)),
  ]) {
    put(ROOT, at, entry);
    at += entry.length;
  }
  return bytes;
}

function record(name: string, sector: number, size: number, flags: number): Uint8Array {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const bytes = image(length, { 0: [length, 0], 25: [flags], 32: [name.length], 33: name });
  bytes.set(le32(sector), 2);
  bytes.set(le32(size), 10);
  return bytes;
}

function bootCatalog({
  platform = 0,
  bootable = true,
  at = BOOT,
  sections = [],
}: Exclude<CdOptions['catalog'], false | undefined>): Uint8Array {
  const bytes = image(2048, {
    0: [1, platform],
    30: SIGNATURE,
    32: [bootable ? 0x88 : 0, 0, 0, 0, 0, 0, 4, 0],
    40: le32(at),
  });
  const sum = new Uint16Array(bytes.buffer, 0, 16).reduce((total, word) => total + word, 0);
  new DataView(bytes.buffer).setUint16(28, -sum, true);
  for (const [i, section] of sections.entries()) {
    const header = 64 + i * 64;
    bytes.set([i === sections.length - 1 ? 0x91 : 0x90, section.platform, 1, 0], header);
    bytes.set([0x88, 0, 0, 0, 0, 0, 4, 0], header + 32);
    bytes.set(le32(section.at), header + 40);
  }
  return bytes;
}

/** A system ROM whose last bytes are those of a BIOS. */
export function systemRomImage(kib = 128): Uint8Array<ArrayBuffer> {
  return image(kib << 10, { [(kib << 10) - 16]: '\xea\x5b\xe0\0\xf006/23/99\0\xfc' });
}

/** An option ROM of 1 KiB with a right checksum. */
export function optionRomImage(): Uint8Array<ArrayBuffer> {
  const bytes = image(1024, { 0: [0x55, 0xaa, 2, 0xcb], 24: [0x20, 0], 32: 'PCIR\x34\x12\x11\x11', 47: [3] });
  bytes[1023] = -bytes.reduce((sum, byte) => sum + byte, 0);
  return bytes;
}
