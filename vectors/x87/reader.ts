// Reads the vector files that harness.c writes (format: README.md).

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'fflate';

/** Ten bytes: significand, and sign and exponent. */
export interface Extended {
  readonly significand: bigint;
  readonly signExponent: number;
}

export interface Vector {
  readonly controlWord: number;
  /** By physical number, as before the instruction. */
  readonly registers: readonly Extended[];
  /** Bit n: physical register n is empty. */
  readonly empty: number;
  readonly top: number;
  /** CF, PF and ZF before. */
  readonly eflags: number;
  /** Memory operand before, its length the instruction's; empty for register forms. */
  readonly operand: Uint8Array;
  readonly after: {
    readonly statusWord: number;
    /** Two bits a register, as FNSAVE shows them. */
    readonly tagWord: number;
    /** CF PF AF ZF SF */
    readonly eflags: number;
    readonly registers: readonly Extended[];
    readonly operand: Uint8Array;
  };
}

export interface VectorGroup {
  readonly opcode: number;
  readonly modrm: number;
  readonly vectors: readonly Vector[];
}

const NO_POOL = 255;
const POOLS = 5;
const FILLED_0 = 1;
const FILLED_1 = 2;
const FILLED_REST = 4;

class Cursor {
  #offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  take(length: number): Uint8Array {
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  u8(): number {
    return this.take(1)[0];
  }

  u16(): number {
    this.#offset += 2;
    return this.#view.getUint16(this.#offset - 2, true);
  }

  extended(): Extended {
    this.#offset += 10;
    return {
      significand: this.#view.getBigUint64(this.#offset - 10, true),
      signExponent: this.#view.getUint16(this.#offset - 2, true),
    };
  }

  column<T>(count: number, read: () => T): T[] {
    return Array.from({ length: count }, read);
  }
}

/** Throws if the file is not one of vectors. */
export function readVectors(file: string): VectorGroup[] {
  const raw = readFileSync(file);
  const cursor = new Cursor(file.endsWith('.gz') ? gunzipSync(raw) : raw);
  if (new TextDecoder().decode(cursor.take(4)) !== 'X87V') throw new Error(`${file}: not an x87 vector file`);
  const pools = Array.from({ length: POOLS }, () => {
    const size = cursor.u16();
    return Array.from({ length: size }, () => cursor.take(10));
  });
  const extended = pools[0].map((bytes) => new Cursor(bytes).extended());
  const count = cursor.u16();
  const perGroup = cursor.u16();
  return Array.from({ length: count }, () => readGroup(cursor, pools, extended, perGroup));
}

function readGroup(cursor: Cursor, pools: Uint8Array[][], extended: Extended[], count: number): VectorGroup {
  const opcode = cursor.u8();
  const modrm = cursor.u8();
  const pool = cursor.u8();
  const operandBytes = cursor.u8();
  const u16 = () => cursor.u16();
  const u8 = () => cursor.u8();
  const controlWords = cursor.column(count, u16);
  const first = cursor.column(count, u16);
  const second = cursor.column(count, u16);
  const operands = cursor.column(count, u16);
  const filled = cursor.column(count, u8);
  const tops = cursor.column(count, u8);
  const eflags = cursor.column(count, u8);
  const statusAfter = cursor.column(count, u16);
  const tagsAfter = cursor.column(count, u16);
  const eflagsAfter = cursor.column(count, u8);
  const changed = cursor.column(count, u8);
  const inputs = filled.map((fill, n) => {
    const registers = new Array<Extended>(8);
    let empty = 0;
    for (let i = 0; i < 8; i++) {
      const physical = (tops[n] + i) & 7;
      registers[physical] = extended[i === 0 ? first[n] : i === 1 ? second[n] : 2 * i];
      const bit = i === 0 ? FILLED_0 : i === 1 ? FILLED_1 : FILLED_REST;
      if (!(fill & bit)) empty |= 1 << physical;
    }
    return { registers, empty };
  });
  const registersAfter = inputs.map(({ registers }, n) =>
    registers.map((was, physical) => ((changed[n] >> physical) & 1 ? cursor.extended() : was)),
  );
  const operandsAfter = inputs.map(() => cursor.take(operandBytes));
  const vectors = inputs.map(({ registers, empty }, n) => ({
    controlWord: controlWords[n],
    registers,
    empty,
    top: tops[n],
    eflags: eflags[n],
    operand: pool === NO_POOL ? new Uint8Array(0) : pools[pool][operands[n]].subarray(0, operandBytes),
    after: {
      statusWord: statusAfter[n],
      tagWord: tagsAfter[n],
      eflags: eflagsAfter[n],
      registers: registersAfter[n],
      operand: operandsAfter[n],
    },
  }));
  return { opcode, modrm, vectors };
}
