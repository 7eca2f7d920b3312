// Reads the vectors: what a real CPU made of single instructions and short blocks. README.md describes the file format;
// it stores only what departs from defaults, which are put back here. Node only, for tests.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DATA_PAGES, mixer, PAGE_SIZE, pagePattern } from './environment.ts';

export interface Registers {
  /** EAX ECX EDX EBX ESP EBP ESI EDI. */
  general: Uint32Array;
  eip: number;
  /** All of EFLAGS but RF, which is always clear here. */
  eflags: number;
  /** The rest matters in SIMD groups only. */
  mxcsr: number;
  mm: BigUint64Array;
  /** XMM0..7, 16 bytes each. */
  xmm: Uint8Array;
}

/** Consecutive bytes at a linear address. */
export interface MemoryRun {
  address: number;
  bytes: Uint8Array;
}

export interface Exception {
  vector: number;
  /** 0 for exceptions without an error code. */
  error: number;
  /** 0 unless a page fault. */
  cr2: number;
}

export interface Vector {
  group: string;
  index: number;
  /** The instructions as text. */
  name: string;
  code: Uint8Array;
  /** Instructions that start to run, the one that faults included; those jumped over are not. */
  instructions: number;
  /** True: mm, xmm and mxcsr must be loaded before and are compared after. */
  simd: boolean;
  before: Registers;
  /** What differs from the pages' pattern before. */
  memoryBefore: MemoryRun[];
  /** After the code, with EIP behind it or where it jumped to; after a fault the state at the faulting instruction. */
  after: Registers;
  /** What the code changed. */
  memoryChanges: MemoryRun[];
  /** Bits of EFLAGS that have an architecturally defined value afterwards. */
  flagsMask: number;
  exception?: Exception;
}

export class VectorFormatError extends Error {
  override name = 'VectorFormatError';
}

const FORMAT_VERSION = 1;
const EIP = 8;
const EFLAGS = 9;
const MXCSR = 10;
const MM = 16;
const XMM = 24;

const DATA_DIRECTORY = new URL('./data/', import.meta.url);
const SUFFIX = '.bin.gz';

/** Names of all groups, sorted. */
export function vectorGroups(): string[] {
  return readdirSync(DATA_DIRECTORY)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

/** The vectors of one group in file order. Throws VectorFormatError, or what node:fs throws if there is no such group. */
export function loadVectors(group: string): Generator<Vector> {
  return parseVectors(gunzipSync(readFileSync(new URL(group + SUFFIX, DATA_DIRECTORY))));
}

/** The same from the bytes of an uncompressed file. */
export function* parseVectors(file: Uint8Array): Generator<Vector> {
  const reader = new Reader(file);
  if (reader.text(4) !== 'TVEC') throw new VectorFormatError('not a vector file');
  const version = reader.u16();
  if (version !== FORMAT_VERSION) throw new VectorFormatError(`format version ${version}, expected ${FORMAT_VERSION}`);
  const simd = reader.u16() === 1;
  const count = reader.u32();
  const group = reader.text(reader.u16());
  for (let index = 0; index < count; index++) yield readVector(reader, group, index, simd);
  if (!reader.atEnd()) throw new VectorFormatError(`group ${group}: bytes behind the last vector`);
}

function readVector(reader: Reader, group: string, index: number, simd: boolean): Vector {
  const seed = reader.u32();
  const name = reader.text(reader.u16());
  const instructions = reader.u8();
  const code = reader.bytes(reader.u8());
  const flagsMask = reader.u32();
  const before = registersFromSeed(seed);
  readRegisters(reader, before);
  const memoryBefore = readMemory(reader);
  const after = copyRegisters(before);
  readRegisters(reader, after);
  const memoryChanges = readMemory(reader);
  const exceptionVector = reader.u8();
  const vector: Vector = {
    group,
    index,
    name,
    code,
    instructions,
    simd,
    before,
    memoryBefore,
    after,
    memoryChanges,
    flagsMask,
  };
  if (exceptionVector !== 0xff) vector.exception = { vector: exceptionVector, error: reader.u32(), cr2: reader.u32() };
  return vector;
}

/** The registers that a seed gives. */
export function registersFromSeed(seed: number): Registers {
  const next = mixer(seed);
  const general = new Uint32Array(8).map(next);
  const mm = new BigUint64Array(8).map(() => BigInt(next()) | (BigInt(next()) << 32n));
  const xmm = new Uint8Array(new Uint32Array(32).map(next).buffer);
  general[4] = 0x00600800;
  return { general, eip: 0x00400800, eflags: 0, mxcsr: 0x1f80, mm, xmm };
}

function copyRegisters(registers: Registers): Registers {
  return { ...registers, general: registers.general.slice(), mm: registers.mm.slice(), xmm: registers.xmm.slice() };
}

function readRegisters(reader: Reader, into: Registers): void {
  for (let count = reader.u8(); count > 0; count--) {
    const number = reader.u8();
    if (number < 8) into.general[number] = reader.u32();
    else if (number === EIP) into.eip = reader.u32();
    else if (number === EFLAGS) into.eflags = reader.u32();
    else if (number === MXCSR) into.mxcsr = reader.u32();
    else if (number >= MM && number < MM + 8) into.mm[number - MM] = reader.u64();
    else if (number >= XMM && number < XMM + 8) into.xmm.set(reader.bytes(16), (number - XMM) * 16);
    else throw new VectorFormatError(`unknown register number ${number}`);
  }
}

function readMemory(reader: Reader): MemoryRun[] {
  const runs: MemoryRun[] = [];
  for (let count = reader.u16(); count > 0; count--) {
    const address = reader.u32();
    runs.push({ address, bytes: reader.bytes(reader.u8()) });
  }
  return runs;
}

/**
 * The data pages before (or, with `after`, as the CPU left them), by page address. A page may be shared between calls:
 * copy before writing.
 */
export function memoryPages(vector: Vector, when: 'before' | 'after'): Map<number, Uint8Array> {
  const pages = new Map(DATA_PAGES.map(({ address }) => [address, pagePattern(address)]));
  const runs = when === 'before' ? vector.memoryBefore : [...vector.memoryBefore, ...vector.memoryChanges];
  for (const { address, bytes } of runs) {
    const base = address - (address % PAGE_SIZE);
    const page = pages.get(base);
    if (!page) throw new VectorFormatError(`${vector.name}: memory outside of the data pages`);
    const own = page === pagePattern(base) ? page.slice() : page;
    own.set(bytes, address - base);
    pages.set(base, own);
  }
  return pages;
}

class Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    // Not a Buffer, whose slice() shares memory.
    this.#data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  bytes(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#data.subarray(at, at + size);
  }

  text(size: number): string {
    return new TextDecoder('latin1').decode(this.bytes(size));
  }

  atEnd(): boolean {
    return this.#at === this.#data.length;
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#data.length) throw new VectorFormatError('file ends in the middle of a vector');
    this.#at += size;
    return at;
  }
}
