// Reads the programs: what a real CPU made of loops of code. README.md describes the file. Node only, for tests.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Registers, registersFromSeed } from '../loader.ts';

/** One trap or fault, with the state that its handler found. */
export interface ProgramEvent {
  vector: number;
  /** 0 for exceptions without an error code. */
  error: number;
  /** 0 unless a page fault. */
  cr2: number;
  eip: number;
  /** The bits of FLAGS_COMPARED. */
  eflags: number;
  /** The bits of STATUS_COMPARED of the x87 status word. */
  status: number;
  general: number[];
}

export interface Program {
  /** Which kind of registers it works with beside the general ones. */
  fpu: 'none' | 'x87' | 'simd';
  before: Registers;
  code: Uint8Array;
  /** Traps, then the fault or INT3 that ended it, unless there were MAXIMUM_EVENTS of them. */
  events: ProgramEvent[];
  /** Hash of ST(0)..ST(7), ten bytes each, and XMM0..7. */
  vectors: number;
  /** Hashes of HASHED_PAGES. */
  pages: number[];
}

export const MAXIMUM_EVENTS = 40;
/** All of EFLAGS that user code can see but AF, which logical instructions leave undefined. */
export const FLAGS_COMPARED = 0x00247fc5 | 0x100;
/** Exceptions, C1 and TOP. */
export const STATUS_COMPARED = 0x3a7f;
export const HASHED_PAGES: readonly number[] = [0x00008000, 0x00500000, 0x00501000];

const FNV_BASIS = 2166136261;
const FNV_PRIME = 16777619;

/** FNV-1a, 32 bits; `from` continues an earlier one. */
export function hash(bytes: Uint8Array, from = FNV_BASIS): number {
  let value = from;
  for (const byte of bytes) value = Math.imul(value ^ byte, FNV_PRIME);
  return value >>> 0;
}

interface Line {
  seed: number;
  fpu: Program['fpu'];
  eip: number;
  eflags: number;
  code: string;
  general: number[];
  events: number[][];
  vectors: number;
  pages: number[];
}

function programOf(text: string): Program {
  const line: Line = JSON.parse(text);
  const events = line.events.map(([vector, error, cr2, eip, eflags, status, ...general]) => ({
    vector: vector!,
    error: error!,
    cr2: cr2!,
    eip: eip!,
    eflags: eflags!,
    status: status!,
    general,
  }));
  const { fpu, vectors, pages } = line;
  const before: Registers = {
    ...registersFromSeed(line.seed),
    general: new Uint32Array(line.general),
    eip: line.eip,
    eflags: line.eflags,
  };
  return { fpu, before, code: new Uint8Array(Buffer.from(line.code, 'hex')), events, vectors, pages };
}

export function loadPrograms(): Program[] {
  const text = gunzipSync(readFileSync(new URL('./data/programs.jsonl.gz', import.meta.url))).toString();
  return text.trimEnd().split('\n').map(programOf);
}
