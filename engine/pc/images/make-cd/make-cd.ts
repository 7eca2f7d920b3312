// Makes a CD on the spot from files: ISO 9660 with Rock Ridge and Joliet, so that DOS, Windows and Unix systems each find the names that
// they can use. Directories and descriptors are made here; the files' contents are not copied, the image is a list of pieces.
//
//   sector 0   system area, zeros                      the rest, in this order:
//   16         primary volume descriptor               path tables: ISO's and Joliet's, little- and big-endian
//   17         boot record, of a CD that boots         directories of ISO 9660, with Rock Ridge, and its continuation areas
//   next       Joliet's volume descriptor              directories of Joliet
//   next       end of the descriptors                  files
//   next       boot catalog, of a CD that boots
//
// Directories deeper than eight levels are left where they are, which ECMA-119 §6.8.2.1 does not allow and every system reads.

import { bootCatalog, bootRecord } from './boot-catalog.ts';
import { buildTree, type CdContent, type CdEntry, CdError, type CdNode } from './cd-tree.ts';
import { ascii, big32, both16, both32, little32, recordDate, ucs2, volumeDate } from './iso-fields.ts';
import { type CdPart, PartList, type ReadContent } from './parts.ts';
import { inlineBytes, inlineSize, type SystemUse, systemUse } from './rock-ridge.ts';

const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
const DIRECTORY_FLAG = 2;
const RECORD_HEADER = 33;
const SELF = '\0';
const PARENT = '\x01';

export interface CdOptions {
  /** Up to 32 capital letters, digits and "_"; others become "_". */
  volumeId: string;
  /** ms since 1970. */
  created: number;
  /** The path of the entry that a BIOS loads and starts, without emulation of a disk. */
  boot?: string;
}

export interface MadeCd<T> {
  /** Bytes, a multiple of 2048. */
  readonly size: number;
  /** In order; `new Blob(parts)` is the image when the contents are Blobs. */
  readonly parts: readonly CdPart<T>[];
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Where the file of that path begins; undefined if there is none. */
  sectorOf(path: string): number | undefined;
}

/** Throws CdError when the files have no room on a CD. */
export function makeCd<T extends CdContent>(
  entries: readonly CdEntry<T>[],
  options: CdOptions,
  readContent: ReadContent<T>,
): MadeCd<T> {
  const root = buildTree(entries, options.created);
  const list = new PartList<T>();
  const files = filesOf(root);
  const iso = new Hierarchy(root, ISO);
  const joliet = new Hierarchy(root, JOLIET);

  const bootNode = options.boot === undefined ? undefined : files.find((node) => pathOf(node) === options.boot);
  if (options.boot !== undefined && !bootNode) throw new CdError(`The CD has no ${options.boot} to boot from.`);
  let next = FIRST_DESCRIPTOR + (bootNode ? 4 : 3);
  const take = (bytes: number) => {
    const sector = next;
    next += sectorsOf(bytes);
    return sector;
  };
  const catalog = bootNode ? take(SECTOR) : 0;
  for (const hierarchy of [iso, joliet])
    hierarchy.tableSectors = [take(hierarchy.tableSize), take(hierarchy.tableSize)];
  for (const hierarchy of [iso, joliet]) {
    for (const directory of hierarchy.directories) directory.sector = take(directory.size);
    hierarchy.continuationSector = take(hierarchy.continuationSize);
  }
  const extents = new Map(files.map((file) => [file, take(file.content?.size ?? 0)]));

  list.add(new Uint8Array(16 * SECTOR));
  list.add(volumeDescriptor(iso, options, next));
  if (bootNode) list.add(bootRecord(catalog));
  list.add(volumeDescriptor(joliet, options, next));
  list.add(padded([0xff, ...ascii('CD001'), 1]));
  if (bootNode) list.add(bootCatalog(extents.get(bootNode) ?? 0));
  for (const hierarchy of [iso, joliet]) for (const big of [false, true]) list.add(padded(hierarchy.pathTable(big)));
  for (const hierarchy of [iso, joliet]) {
    for (const directory of hierarchy.directories) list.add(hierarchy.directoryBytes(directory, extents));
    list.add(hierarchy.continuationBytes());
  }
  const zeros = new Uint8Array(SECTOR);
  for (const { content } of files) {
    if (!content) continue;
    list.add(content);
    list.add(zeros.subarray(0, sectorsOf(content.size) * SECTOR - content.size));
  }
  return {
    size: list.size,
    parts: list.parts,
    read: (offset, length) => list.read(offset, length, readContent),
    sectorOf: (path) => extents.get(files.find((node) => pathOf(node) === path) ?? root),
  };
}

function filesOf<T>(node: CdNode<T>): CdNode<T>[] {
  return node.children ? node.children.flatMap(filesOf) : [node];
}

function pathOf(node: CdNode<unknown>): string {
  return node.parent.parent === node.parent ? node.name : `${pathOf(node.parent)}/${node.name}`;
}

function sectorsOf(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}

function padded(bytes: readonly number[]): Uint8Array<ArrayBuffer> {
  const sectors = new Uint8Array(sectorsOf(bytes.length) * SECTOR);
  sectors.set(bytes);
  return sectors;
}

/** What differs between the two hierarchies of directories. */
interface Naming {
  descriptorType: number;
  /** Of a name as it stands in records and path tables. */
  bytes(name: string): number[];
  nameOf(node: CdNode<unknown>): string;
  text(value: string, length: number): number[];
  escapes: number[];
  rockRidge: boolean;
}

const ISO: Naming = {
  descriptorType: 1,
  bytes: ascii,
  nameOf: ({ isoName }) => isoName,
  text: (value, length) =>
    ascii(
      value
        .toUpperCase()
        .replace(/[^A-Z0-9_]/g, '_')
        .slice(0, length)
        .padEnd(length),
    ),
  escapes: [],
  rockRidge: true,
};

/** Joliet Specification 1, "Supplementary Volume Descriptor": UCS-2, level 3. */
const JOLIET: Naming = {
  descriptorType: 2,
  bytes: (name) => (name === SELF || name === PARENT ? ascii(name) : ucs2(name)),
  nameOf: ({ jolietName }) => jolietName,
  text: (value, length) => ucs2(value.slice(0, length / 2).padEnd(length / 2)),
  escapes: ascii('%/E'),
  rockRidge: false,
};

interface DirectoryRecord<T> {
  node: CdNode<T>;
  name: number[];
  use: SystemUse;
  length: number;
  /** In the hierarchy's continuation area, bytes. */
  continuationOffset: number;
}

interface CdDirectory<T> {
  node: CdNode<T>;
  records: DirectoryRecord<T>[];
  /** Bytes, whole sectors. */
  size: number;
  sector: number;
}

/** The directories of one volume descriptor. */
class Hierarchy<T extends CdContent> {
  readonly naming: Naming;
  /** In the path table's order (ECMA-119 §6.9.1): by level, by parent, by name. */
  readonly directories: CdDirectory<T>[] = [];
  tableSectors: [little: number, big: number] = [0, 0];
  continuationSector = 0;
  continuationSize = 0;
  readonly #byNode = new Map<CdNode<T>, CdDirectory<T>>();

  constructor(root: CdNode<T>, naming: Naming) {
    this.naming = naming;
    const nodes = [root];
    for (const node of nodes) {
      const directory = this.#directory(node);
      this.directories.push(directory);
      this.#byNode.set(node, directory);
      nodes.push(...sorted(node, naming).filter(({ children }) => children));
    }
  }

  /** Bytes. */
  get tableSize(): number {
    return this.pathTable(false).length;
  }

  get root(): CdDirectory<T> {
    return this.directories[0];
  }

  #directory(node: CdNode<T>): CdDirectory<T> {
    const root = node.parent === node;
    const records = [
      this.#record(node, SELF, root),
      this.#record(node.parent, PARENT),
      ...sorted(node, this.naming).map((child) => this.#record(child, this.naming.nameOf(child))),
    ];
    let size = 0;
    for (const { length } of records) size = placeOf(size, length) + length;
    return { node, records, size: sectorsOf(size) * SECTOR, sector: 0 };
  }

  #record(node: CdNode<T>, name: string, first = false): DirectoryRecord<T> {
    const bytes = this.naming.bytes(name);
    const taken = RECORD_HEADER + bytes.length + (bytes.length % 2 === 0 ? 1 : 0);
    const use = this.naming.rockRidge ? systemUse(rockRidgeOf(node, name, first), taken) : { inline: [] };
    const length = taken + inlineSize(use);
    const continuationOffset = placeOf(this.continuationSize, use.continuation?.length ?? 0);
    if (use.continuation) this.continuationSize = continuationOffset + use.continuation.length;
    return { node, name: bytes, use, length: length + (length % 2), continuationOffset };
  }

  directoryBytes({ records, size }: CdDirectory<T>, extents: ReadonlyMap<CdNode<T>, number>): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const record of records) {
      at = placeOf(at, record.length);
      bytes.set(this.#recordBytes(record, extents), at);
      at += record.length;
    }
    return bytes;
  }

  #recordBytes(record: DirectoryRecord<T>, extents: ReadonlyMap<CdNode<T>, number>): number[] {
    const { node, name, use, length, continuationOffset } = record;
    const directory = this.#byNode.get(node);
    return [
      ...recordHeader({
        length,
        sector: directory ? directory.sector : (extents.get(node) ?? 0),
        size: directory ? directory.size : (node.content?.size ?? 0),
        modified: node.modified,
        directory: directory !== undefined,
        name,
      }),
      ...inlineBytes(
        use,
        this.continuationSector + Math.floor(continuationOffset / SECTOR),
        continuationOffset % SECTOR,
      ),
    ];
  }

  continuationBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(sectorsOf(this.continuationSize) * SECTOR);
    for (const { records } of this.directories)
      for (const { use, continuationOffset } of records)
        if (use.continuation) bytes.set(use.continuation, continuationOffset);
    return bytes;
  }

  /** ECMA-119 §9.4. */
  pathTable(big: boolean): number[] {
    const numbers = new Map(this.directories.map(({ node }, i) => [node, i + 1]));
    return this.directories.flatMap(({ node, sector }) => {
      const name = node.parent === node ? ascii(SELF) : this.naming.bytes(this.naming.nameOf(node));
      const parent = numbers.get(node.parent) ?? 1;
      return [
        name.length,
        0,
        ...(big ? big32(sector) : little32(sector)),
        ...(big ? [parent >> 8, parent & 0xff] : [parent & 0xff, parent >> 8]),
        ...name,
        ...(name.length % 2 === 0 ? [] : [0]),
      ];
    });
  }
}

function sorted<T>({ children = [] }: CdNode<T>, { nameOf }: Naming): CdNode<T>[] {
  return [...children].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function rockRidgeOf(node: CdNode<unknown>, name: string, first: boolean) {
  return {
    directory: node.children !== undefined,
    links: node.children ? 2 + node.children.filter(({ children }) => children).length : 1,
    modified: node.modified,
    name: name === SELF || name === PARENT ? undefined : node.name,
    first,
  };
}

/** Records and continuations do not cross a sector. */
function placeOf(at: number, length: number): number {
  return (at % SECTOR) + length > SECTOR ? sectorsOf(at) * SECTOR : at;
}

interface RecordFields {
  length: number;
  sector: number;
  size: number;
  modified: number;
  directory: boolean;
  name: number[];
}

/** ECMA-119 §9.1, up to the system use area. */
function recordHeader({ length, sector, size, modified, directory, name }: RecordFields): number[] {
  return [
    length,
    0,
    ...both32(sector),
    ...both32(size),
    ...recordDate(modified),
    directory ? DIRECTORY_FLAG : 0,
    0,
    0,
    ...both16(1),
    name.length,
    ...name,
    ...(name.length % 2 === 0 ? [0] : []),
  ];
}

/** ECMA-119 §8.4 and §8.5. */
function volumeDescriptor<T extends CdContent>(
  hierarchy: Hierarchy<T>,
  { volumeId, created }: CdOptions,
  sectors: number,
): Uint8Array<ArrayBuffer> {
  const { naming, root, tableSectors } = hierarchy;
  const bytes = new Uint8Array(SECTOR);
  const put = (at: number, values: readonly number[]) => bytes.set(values, at);
  const blank = (at: number, length: number) => put(at, naming.text('', length));
  put(0, [naming.descriptorType, ...ascii('CD001'), 1]);
  blank(8, 32);
  put(40, naming.text(volumeId, 32));
  put(80, both32(sectors));
  put(88, naming.escapes);
  put(120, both16(1));
  put(124, both16(1));
  put(128, both16(SECTOR));
  put(132, both32(hierarchy.tableSize));
  put(140, little32(tableSectors[0]));
  put(148, big32(tableSectors[1]));
  const record = { length: 34, sector: root.sector, size: root.size, modified: created, directory: true };
  put(156, recordHeader({ ...record, name: [0] }));
  for (const [at, length] of BLANK_FIELDS) blank(at, length);
  for (const at of [813, 830, 864]) put(at, volumeDate(created));
  // No date of expiry (§8.4.26.1): digits zero.
  put(847, [...ascii('0'.repeat(16)), 0]);
  bytes[881] = 1;
  return bytes;
}

/** Volume set, publisher, preparer, application, and names of files with texts. */
const BLANK_FIELDS = [
  [190, 128],
  [318, 128],
  [446, 128],
  [574, 128],
  [702, 37],
  [739, 37],
  [776, 37],
] as const;
