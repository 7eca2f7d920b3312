// Reads of a CD image what tells what it is: volume descriptors (ECMA-119 §8), the names in a directory (§9.1, with Rock Ridge's
// names where it has them: SUSP 1.12, RRIP 1.12 §4.1.4), a file by its path.

import { fieldText, hasAt, type ImageReader, latin1, u8, u16, u32 } from './image-file.ts';

export const CD_SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
/** Descriptors that are looked at: real images have fewer than ten. */
const DESCRIPTORS = 32;
/** Bytes of a directory that are read. */
const DIRECTORY_LIMIT = 64 << 10;

const BOOT_RECORD = 0;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;

export interface Extent {
  /** Bytes. */
  offset: number;
  size: number;
}

export interface CdVolume {
  /** All that the primary descriptor says in words; empty without one. */
  volumeId: string;
  systemId: string;
  publisher: string;
  preparer: string;
  application: string;
  /** Bytes, as declared. */
  volumeSize: number;
  root?: Extent;
  joliet: boolean;
  /** UDF's volume recognition sequence is there (ECMA-167 2/9). */
  udf: boolean;
  /** Sector of the El Torito boot catalog. */
  bootCatalog?: number;
  /** No end of the descriptors was found. */
  unterminated: boolean;
}

/** Undefined if the file has no volume descriptors. */
export async function readVolume(reader: ImageReader): Promise<CdVolume | undefined> {
  const volume: CdVolume = {
    volumeId: '',
    systemId: '',
    publisher: '',
    preparer: '',
    application: '',
    volumeSize: 0,
    joliet: false,
    udf: false,
    unterminated: true,
  };
  let found = false;
  for (let i = 0; i < DESCRIPTORS; i++) {
    const bytes = await reader.bytes((FIRST_DESCRIPTOR + i) * CD_SECTOR, CD_SECTOR);
    const identifier = latin1(bytes, 1, 5);
    if (identifier === 'NSR02' || identifier === 'NSR03') volume.udf = true;
    else if (identifier === 'CD001') addDescriptor(volume, bytes);
    else if (!['BEA01', 'BOOT2', 'TEA01'].includes(identifier)) break;
    found = true;
  }
  return found ? volume : undefined;
}

function addDescriptor(volume: CdVolume, bytes: Uint8Array): void {
  const type = u8(bytes, 0);
  if (type === TERMINATOR) volume.unterminated = false;
  // "El Torito" Bootable CD-ROM Format Specification 1.0 §2.0, figure 7.
  else if (type === BOOT_RECORD && hasAt(bytes, 7, 'EL TORITO SPECIFICATION')) volume.bootCatalog = u32(bytes, 0x47);
  else if (type === SUPPLEMENTARY && /^%\/[@CE]/.test(latin1(bytes, 88, 3))) volume.joliet = true;
  else if (type === PRIMARY && !volume.root) {
    volume.systemId = fieldText(bytes, 8, 32);
    volume.volumeId = fieldText(bytes, 40, 32);
    volume.volumeSize = u32(bytes, 80) * (u16(bytes, 128) || CD_SECTOR);
    volume.root = { offset: u32(bytes, 156 + 2) * CD_SECTOR, size: u32(bytes, 156 + 10) };
    volume.publisher = fieldText(bytes, 318, 128);
    volume.preparer = fieldText(bytes, 446, 128);
    volume.application = fieldText(bytes, 574, 128);
  }
}

export interface DirectoryEntry extends Extent {
  name: string;
  directory: boolean;
}

/** What a directory holds, as far as it can be read: no more than its first 64 KiB. */
export async function readDirectory(reader: ImageReader, directory: Extent): Promise<DirectoryEntry[]> {
  const bytes = await reader.bytes(directory.offset, Math.min(directory.size, DIRECTORY_LIMIT));
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = u8(bytes, at);
    // No record crosses a sector; what is left of one is zero.
    if (length === 0) {
      at = (Math.floor(at / CD_SECTOR) + 1) * CD_SECTOR;
      continue;
    }
    const record = bytes.subarray(at, at + length);
    const nameLength = u8(record, 32);
    const raw = latin1(record, 33, nameLength);
    if (raw !== '\0' && raw !== '\x01' && raw !== '')
      entries.push({
        name: rockRidgeName(record, 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0)) ?? raw.replace(/\.?;\d+$/, ''),
        directory: (u8(record, 25) & 2) !== 0,
        offset: u32(record, 2) * CD_SECTOR,
        size: u32(record, 10),
      });
    at += length;
  }
  return entries;
}

/** @param at where the record's system use area begins */
function rockRidgeName(record: Uint8Array, at: number): string | undefined {
  let name: string | undefined;
  for (let length = u8(record, at + 2); length >= 4 && at + length <= record.length; length = u8(record, at + 2)) {
    if (hasAt(record, at, 'NM')) name = (name ?? '') + new TextDecoder().decode(record.subarray(at + 5, at + length));
    at += length;
  }
  return name;
}

/** @param path names from the root, compared without regard to case */
export async function findFile(reader: ImageReader, root: Extent, path: string): Promise<DirectoryEntry | undefined> {
  let found: DirectoryEntry | undefined;
  for (const part of path.split('/')) {
    const directory: Extent | undefined = found === undefined ? root : found.directory ? found : undefined;
    if (!directory) return undefined;
    const entries = await readDirectory(reader, directory);
    found = entries.find(({ name }) => name.toLowerCase() === part.toLowerCase());
    if (!found) return undefined;
  }
  return found;
}
