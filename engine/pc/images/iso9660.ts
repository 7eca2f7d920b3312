// Reads of a CD image what tells what it is: volume descriptors (ECMA-119 §8), the names in a directory (§9.1, with Rock Ridge's
// names where it has them: SUSP 1.12, RRIP 1.12 §4.1.4), a file by its path.

import { fieldText, hasAt, type ImageReader, latin1, u8, u16, u32 } from './image-file.ts';

export const CD_SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
/** Descriptors that are looked at: real images have fewer than ten. */
const DESCRIPTORS = 32;
/** Bytes of a directory that are read. */
const DIRECTORY_LIMIT = 64 << 10;
/** Continuation areas of one record that are followed. */
const CONTINUATIONS = 2;

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

async function readDirectory(reader: ImageReader, directory: Extent): Promise<DirectoryEntry[]> {
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
        name:
          (await rockRidgeName(reader, record, 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0))) ??
          raw.replace(/\.?;\d+$/, ''),
        directory: (u8(record, 25) & 2) !== 0,
        offset: u32(record, 2) * CD_SECTOR,
        size: u32(record, 10),
      });
    at += length;
  }
  return entries;
}

/** The name in a record's system use area, which may go on elsewhere (SUSP §5.1). @param at where the area begins */
async function rockRidgeName(reader: ImageReader, record: Uint8Array, at: number): Promise<string | undefined> {
  const pieces: number[] = [];
  let found = false;
  let area = record.subarray(at);
  for (let hops = 0; hops <= CONTINUATIONS; hops++) {
    let next: Uint8Array | undefined;
    for (let start = 0, length = u8(area, 2); length >= 4; length = u8(area, start + 2)) {
      const entry = area.subarray(start, start + length);
      if (hasAt(entry, 0, 'NM')) {
        found = true;
        pieces.push(...entry.subarray(5));
      }
      if (hasAt(entry, 0, 'CE'))
        next = await reader.bytes(u32(entry, 4) * CD_SECTOR + u32(entry, 12), Math.min(u32(entry, 20), CD_SECTOR));
      start += length;
    }
    if (!next) break;
    area = next;
  }
  return found ? new TextDecoder().decode(Uint8Array.from(pieces)) : undefined;
}

/** The files of a CD. A directory is read once, and no more than its first 64 KiB. */
export class CdFiles {
  readonly #reader: ImageReader;
  readonly #root: Extent;
  /** By offset. */
  readonly #directories = new Map<number, Promise<DirectoryEntry[]>>();

  constructor(reader: ImageReader, root: Extent) {
    this.#reader = reader;
    this.#root = root;
  }

  list(directory = this.#root): Promise<DirectoryEntry[]> {
    const entries = this.#directories.get(directory.offset) ?? readDirectory(this.#reader, directory);
    this.#directories.set(directory.offset, entries);
    return entries;
  }

  /** @param path names from the root, compared without regard to case */
  async find(path: string): Promise<DirectoryEntry | undefined> {
    let directory: Extent | undefined = this.#root;
    let found: DirectoryEntry | undefined;
    for (const part of path.split('/')) {
      if (!directory) return undefined;
      const entries: DirectoryEntry[] = await this.list(directory);
      found = entries.find(({ name }) => name.toLowerCase() === part.toLowerCase());
      directory = found?.directory ? found : undefined;
    }
    return found;
  }
}
