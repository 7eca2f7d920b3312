// Writes a FAT12 file system for a 1.44 MB floppy (Microsoft's FAT file system specification 1.03): files one after the other, without
// times, so that the same files give the same bytes.

const SECTOR = 512;
const SECTORS = 2880;
const RESERVED_SECTORS = 1;
const FATS = 2;
const SECTORS_PER_FAT = 9;
const ROOT_ENTRIES = 224;
const SECTORS_PER_TRACK = 18;
const HEADS = 2;
const MEDIA = 0xf0;
const SERIAL_NUMBER = 0x1a9301f0;

const ENTRY = 32;
const ROOT_SECTOR = RESERVED_SECTORS + FATS * SECTORS_PER_FAT;
const DATA_SECTOR = ROOT_SECTOR + (ROOT_ENTRIES * ENTRY) / SECTOR;
const FIRST_CLUSTER = 2;
const CLUSTERS = SECTORS - DATA_SECTOR;
const END_OF_CHAIN = 0xfff;
const DIRECTORY = 0x10;
const VOLUME_LABEL = 0x08;
/** 1 January 1980, midnight: the first date there is. */
const DATE = 0x0021;
/** Where the boot sector's code is jumped to; what lies between is the BIOS parameter block. */
const PARAMETERS = 3;
const PARAMETERS_END = 62;

/** A file's bytes, or a directory's files, by their 8.3 names in capitals. */
export type Files = { [name: string]: Uint8Array | Files };

/**
 * A floppy image of 1,474,560 bytes. `bootSector` has 512 bytes; its BIOS parameter block is filled in.
 * Throws an Error when the files do not fit or a name is not 8.3.
 */
export function fat12Floppy(bootSector: Uint8Array, label: string, files: Files): Uint8Array {
  const image = new Uint8Array(SECTORS * SECTOR);
  image.set(bootSector);
  image.set(parameterBlock(label), PARAMETERS);

  const chains = [0xf00 | MEDIA, END_OF_CHAIN];
  const clusterOffset = (cluster: number) => (DATA_SECTOR + cluster - FIRST_CLUSTER) * SECTOR;

  /** The first cluster of a new chain that holds so many bytes; 0 for none. */
  const allocate = (bytes: number): number => {
    const first = chains.length;
    const count = Math.ceil(bytes / SECTOR);
    if (first + count > CLUSTERS + FIRST_CLUSTER) throw new Error('The files do not fit on a floppy disk.');
    for (let n = 1; n <= count; n++) chains.push(n === count ? END_OF_CHAIN : first + n);
    return count === 0 ? 0 : first;
  };

  const writeEntries = (offset: number, directory: Files, own: number): void => {
    let at = offset;
    for (const [name, content] of Object.entries(directory)) {
      const isFile = content instanceof Uint8Array;
      const size = isFile ? content.length : (Object.keys(content).length + 2) * ENTRY;
      const cluster = allocate(size);
      image.set(directoryEntry(shortName(name), isFile ? 0 : DIRECTORY, cluster, isFile ? size : 0), at);
      at += ENTRY;
      const start = clusterOffset(cluster);
      if (isFile) {
        image.set(content, cluster === 0 ? 0 : start);
      } else {
        image.set(directoryEntry('.', DIRECTORY, cluster, 0), start);
        image.set(directoryEntry('..', DIRECTORY, own, 0), start + ENTRY);
        writeEntries(start + 2 * ENTRY, content, cluster);
      }
    }
  };

  if (Object.keys(files).length + 1 > ROOT_ENTRIES) throw new Error('The root directory is full.');
  const root = ROOT_SECTOR * SECTOR;
  image.set(directoryEntry(label, VOLUME_LABEL, 0, 0), root);
  writeEntries(root + ENTRY, files, 0);

  const table = packTable(chains);
  for (let n = 0; n < FATS; n++) image.set(table, (RESERVED_SECTORS + n * SECTORS_PER_FAT) * SECTOR);
  return image;
}

/** Bytes 3 to 61 of the boot sector. */
function parameterBlock(label: string): Uint8Array {
  const block = new DataView(new ArrayBuffer(PARAMETERS_END - PARAMETERS));
  const at = (offset: number) => offset - PARAMETERS;
  const bytes = new Uint8Array(block.buffer);
  bytes.set(ascii('LAPWING', 8));
  block.setUint16(at(11), SECTOR, true);
  block.setUint8(at(13), 1);
  block.setUint16(at(14), RESERVED_SECTORS, true);
  block.setUint8(at(16), FATS);
  block.setUint16(at(17), ROOT_ENTRIES, true);
  block.setUint16(at(19), SECTORS, true);
  block.setUint8(at(21), MEDIA);
  block.setUint16(at(22), SECTORS_PER_FAT, true);
  block.setUint16(at(24), SECTORS_PER_TRACK, true);
  block.setUint16(at(26), HEADS, true);
  block.setUint8(at(38), 0x29);
  block.setUint32(at(39), SERIAL_NUMBER, true);
  bytes.set(ascii(label, 11), at(43));
  bytes.set(ascii('FAT12', 8), at(54));
  return bytes;
}

function directoryEntry(name: string, attributes: number, cluster: number, size: number): Uint8Array {
  const entry = new DataView(new ArrayBuffer(ENTRY));
  const bytes = new Uint8Array(entry.buffer);
  bytes.set(ascii(name, 11));
  entry.setUint8(11, attributes);
  entry.setUint16(16, DATE, true);
  entry.setUint16(18, DATE, true);
  entry.setUint16(24, DATE, true);
  entry.setUint16(26, cluster, true);
  entry.setUint32(28, size, true);
  return bytes;
}

/** "README.TXT" as "README  TXT". */
function shortName(name: string): string {
  const parts = /^([A-Z0-9_-]{1,8})(?:\.([A-Z0-9_-]{1,3}))?$/.exec(name);
  if (parts === null) throw new Error(`${name} is no name of 8 and 3 characters.`);
  return parts[1].padEnd(8) + (parts[2] ?? '');
}

function ascii(text: string, length: number): Uint8Array {
  return new TextEncoder().encode(text.padEnd(length).slice(0, length));
}

/** Entries of 12 bits, two in three bytes. */
function packTable(entries: number[]): Uint8Array {
  const table = new Uint8Array(SECTORS_PER_FAT * SECTOR);
  for (const [n, value] of entries.entries()) {
    const at = (n * 3) >> 1;
    if (n % 2 === 0) {
      table[at] = value & 0xff;
      table[at + 1] |= value >> 8;
    } else {
      table[at] |= (value & 0xf) << 4;
      table[at + 1] = value >> 4;
    }
  }
  return table;
}
