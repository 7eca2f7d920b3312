// Decodes one instruction of legacy modes (16 and 32 bit) from its bytes, by the opcode tables.
//
// Invariants: never reads beyond the bytes it is given; an instruction that needs more throws `NeedBytes` (the caller
// fetches the next page or raises its fault); an encoding that no row fits decodes as UNKNOWN if it is one of an extension that
// this CPU does not have, else as UD; more than 15 bytes is a #GP, decoded as GP.

import * as L from '../abi/layout.ts';
import type { Instruction, MemoryKind, Operand, StackKind } from './instruction.ts';
import { buildMaps, type OpcodeMap, type OpcodeMaps, type OpcodeRow } from './opcode-table.ts';
import { ABSENT_OPCODES } from './opcodes-absent.ts';
import { INTEGER_OPCODES } from './opcodes-integer.ts';
import { SIMD_OPCODES } from './opcodes-simd.ts';
import { SIMD_EXTENSION_OPCODES } from './opcodes-simd-extensions.ts';
import { FPU_STATE_OPCODES, X87_OPCODE_LINES } from './opcodes-x87.ts';
import type { OperandSpec } from './operand-spec.ts';
import { general, immediate, mmx, xmm } from './operands.ts';

/** The instruction does not end within the bytes given. */
export class NeedBytes extends Error {}

const MAXIMUM_LENGTH = 15;

const MAPS = buildMaps(INTEGER_OPCODES, X87_OPCODE_LINES, FPU_STATE_OPCODES, SIMD_OPCODES, SIMD_EXTENSION_OPCODES);

const ABSENT = buildMaps(ABSENT_OPCODES);

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** Control registers there are; moves of others are #UD. */
const CONTROL_REGISTERS = [0, 2, 3, 4];
/** What stands for a row where there is none, in `shape`. */
const NO_ROW = { UNKNOWN: 0, UD: -1, GP: -2 };

/** Mnemonics that may carry LOCK when their first operand is memory. SDM vol. 2, LOCK. */
const LOCKABLE = new Set(
  'ADD ADC AND BTC BTR BTS CMPXCHG CMPXCHG8B DEC INC NEG NOT OR SBB SUB XOR XADD XCHG'.split(' '),
);
/** Those that are locked without it. */
const ALWAYS_LOCKED = new Set(['XCHG']);

/** [base, index] of the 16-bit ModRM addressing forms. */
const ADDRESS16: readonly (readonly [number, number])[] = [
  [L.RBX, L.RSI],
  [L.RBX, L.RDI],
  [L.RBP, L.RSI],
  [L.RBP, L.RDI],
  [L.RSI, L.ZERO],
  [L.RDI, L.ZERO],
  [L.RBP, L.ZERO],
  [L.RBX, L.ZERO],
];

const MEMORY_CODE: Record<MemoryKind, number> = { none: 0, flat: 1, segmented: 2 };
const STACK_CODE: Record<StackKind, number> = { flat: 0, wide: 1, narrow: 2 };

/** Does MODE_FLAT vouch for it in reading and writing? */
function isFlatSegment(segment: number): boolean {
  return segment === L.SEG_DS || segment === L.SEG_SS || segment === L.SEG_ES;
}

function mapOf(escapeBytes: readonly number[]): keyof OpcodeMaps {
  if (escapeBytes.length < 2) return escapeBytes.length === 0 ? 'one' : 'two';
  return escapeBytes[1] === 0x38 ? 'three38' : 'three3a';
}

export class Decoder {
  #bytes = new Uint8Array(0);
  #position = 0;
  #start = 0;
  #segmentOverride = -1;
  #operandSize: 2 | 4 = 4;
  #addressSize: 2 | 4 = 4;
  #modrm = 0;
  /** Does ModRM name memory? Then these say where. */
  #hasMemory = false;
  #base = 0;
  #index = 0;
  #scale = 0;
  #displacement = 0;
  #segment = 0;

  #u8(): number {
    if (this.#position >= this.#bytes.length) throw new NeedBytes();
    return this.#bytes[this.#position++]!;
  }
  #s8(): number {
    return (this.#u8() << 24) >> 24;
  }
  #u16(): number {
    const low = this.#u8();
    return low | (this.#u8() << 8);
  }
  #s32(): number {
    const low = this.#u16();
    return low | (this.#u16() << 16);
  }

  /** All rows, of what there is and of what there is not. */
  static rows(): { present: readonly OpcodeRow[]; absent: readonly OpcodeRow[] } {
    const all = (maps: OpcodeMaps) =>
      Object.values(maps).flatMap((map: OpcodeMap) => map.flatMap((rows) => rows ?? []));
    return { present: all(MAPS), absent: all(ABSENT) };
  }

  /** The rows of an opcode after its escape bytes ([], [0f], [0f 38], [0f 3a]). */
  rowsOf(escapeBytes: readonly number[], opcode: number): readonly OpcodeRow[] {
    if (escapeBytes.length === 0 && (PREFIXES.has(opcode) || opcode === 0x0f)) return [];
    return MAPS[mapOf(escapeBytes)][opcode] ?? [];
  }

  /** The same of extensions that are not there. */
  absentRowsOf(escapeBytes: readonly number[], opcode: number): readonly OpcodeRow[] {
    return ABSENT[mapOf(escapeBytes)][opcode] ?? [];
  }

  /**
   * Decodes at `position` of `bytes` for a mode (MODE_* bits).
   * @throws NeedBytes
   */
  decode(bytes: Uint8Array, position: number, mode: number): Instruction {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#position = position;
    this.#start = position;
    this.#segmentOverride = -1;
    this.#hasMemory = false;
    const wide = (mode & L.MODE_CS32) !== 0;
    this.#operandSize = wide ? 4 : 2;
    this.#addressSize = wide ? 4 : 2;
    let operandPrefix = false;
    let repeatPrefix: 0 | 0xf2 | 0xf3 = 0;
    let lock = false;
    let opcode: number;
    prefixes: for (;;) {
      if (this.#position - this.#start >= MAXIMUM_LENGTH) return this.#refused('GP', mode, 0);
      opcode = this.#u8();
      switch (opcode) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
          this.#segmentOverride = (opcode >> 3) & 3;
          break;
        case 0x64:
        case 0x65:
          this.#segmentOverride = opcode - 0x60;
          break;
        case 0x66:
          operandPrefix = true;
          this.#operandSize = wide ? 2 : 4;
          break;
        case 0x67:
          this.#addressSize = wide ? 2 : 4;
          break;
        case 0xf0:
          lock = true;
          break;
        case 0xf2:
        case 0xf3:
          repeatPrefix = opcode;
          break;
        default:
          break prefixes;
      }
    }
    let which: keyof OpcodeMaps = 'one';
    if (opcode === 0x0f) {
      opcode = this.#u8();
      which = 'two';
      if (opcode === 0x38) {
        which = 'three38';
        opcode = this.#u8();
      } else if (opcode === 0x3a) {
        which = 'three3a';
        opcode = this.#u8();
      }
    }
    const repeat = repeatPrefix === 0xf3 ? 1 : repeatPrefix === 0xf2 ? 2 : 0;
    const prefix = repeatPrefix === 0xf3 ? 'f3' : repeatPrefix === 0xf2 ? 'f2' : operandPrefix ? '66' : 'np';
    const row = this.#rowFor(MAPS[which][opcode], prefix);
    if (!row) {
      const absent = this.#rowFor(ABSENT[which][opcode], prefix);
      return absent ? this.#unknown(absent, mode, repeat) : this.#refused('UD', mode, repeat);
    }
    if (row.needsModrm) {
      this.#position++;
      // Moves of control and debug registers ignore mod: rm is always a register.
      if (this.#modrm < 0xc0 && row.specs[0]?.kind !== 'R' && row.specs[1]?.kind !== 'R') this.#decodeAddress();
    }
    const { specs } = row;
    const operands: Operand[] = [];
    for (let n = 0; n < specs.length; n++) operands.push(this.#operand(specs[n]!, opcode));
    if (this.#position - this.#start > MAXIMUM_LENGTH) return this.#refused('GP', mode, 0);
    const modifiesMemory = operands[0]?.kind === 'memory' && LOCKABLE.has(row.mnemonic);
    if (lock && !modifiesMemory) return this.#refused('UD', mode, repeat);
    if (!this.#isAllowed(row)) return this.#refused('UD', mode, repeat);
    const locked = modifiesMemory && (lock || ALWAYS_LOCKED.has(row.mnemonic));
    return this.#finish(row.mnemonic, row.id, operands, mode, repeat, locked);
  }

  #rowFor(rows: readonly OpcodeRow[] | undefined, prefix: string): OpcodeRow | undefined {
    if (!rows) return undefined;
    if (rows[0]!.needsModrm) {
      if (this.#position >= this.#bytes.length) throw new NeedBytes();
      this.#modrm = this.#bytes[this.#position]!;
    }
    for (let n = 0; n < rows.length; n++) if (this.#fits(rows[n]!, prefix)) return rows[n];
    return undefined;
  }

  /** Are there the segment or control registers that the row's operands name? */
  #isAllowed({ mnemonic }: OpcodeRow): boolean {
    const reg = (this.#modrm >> 3) & 7;
    switch (mnemonic) {
      case 'MOVTOSEG':
        return reg <= 5 && reg !== L.SEG_CS;
      case 'MOVFROMSEG':
        return reg <= 5;
      case 'MOVTOCR':
      case 'MOVFROMCR':
        return CONTROL_REGISTERS.includes(reg);
      default:
        return true;
    }
  }

  /** An encoding that raises this exception. */
  #refused(mnemonic: 'GP' | 'UD', mode: number, repeat: 0 | 1 | 2): Instruction {
    return this.#finish(mnemonic, NO_ROW[mnemonic], [], mode, repeat);
  }

  /** An absent extension: UNKNOWN with the first bytes of the encoding as its immediate. */
  #unknown({ needsModrm }: OpcodeRow, mode: number, repeat: 0 | 1 | 2): Instruction {
    let bytes = 0;
    const last = Math.min(3, this.#position - this.#start - (needsModrm ? 0 : 1));
    for (let i = last; i >= 0; i--) bytes = (bytes << 8) | this.#bytes[this.#start + i]!;
    return this.#finish('UNKNOWN', NO_ROW.UNKNOWN, [immediate(4, bytes)], mode, repeat);
  }

  #fits(row: OpcodeRow, prefix: string): boolean {
    if (row.prefix !== undefined && row.prefix !== prefix) return false;
    if (row.digit !== undefined && row.digit !== ((this.#modrm >> 3) & 7)) return false;
    if (row.modrm !== undefined && row.modrm !== this.#modrm) return false;
    if (row.form === 'm' && this.#modrm >= 0xc0) return false;
    if (row.form === 'r' && this.#modrm < 0xc0) return false;
    return true;
  }

  #finish(
    mnemonic: string,
    row: number,
    operands: readonly Operand[],
    mode: number,
    repeat: 0 | 1 | 2,
    lock = false,
  ): Instruction {
    const flat = (mode & L.MODE_FLAT) !== 0;
    const memory = this.#memoryKind(operands, flat);
    const stack: StackKind = (mode & L.MODE_SS32) === 0 ? 'narrow' : flat ? 'flat' : 'wide';
    const sizes = (this.#operandSize >> 2) | ((this.#addressSize >> 2) << 1);
    const kinds = MEMORY_CODE[memory] | (STACK_CODE[stack] << 2) | (repeat << 4);
    return {
      mnemonic,
      shape: (row << 10) | ((lock ? 1 : 0) << 9) | (kinds << 3) | (sizes << 1) | (flat ? 0 : 1),
      operands,
      operandSize: this.#operandSize,
      addressSize: this.#addressSize,
      repeat,
      lock,
      segment: this.#segmentOverride < 0 ? L.SEG_DS : this.#segmentOverride,
      memory,
      stack,
      limited: !flat,
      length: this.#position - this.#start,
    };
  }

  #memoryKind(operands: readonly Operand[], flat: boolean): MemoryKind {
    for (let n = 0; n < operands.length; n++) {
      const operand = operands[n]!;
      if (operand.kind === 'memory')
        return flat && this.#addressSize === 4 && isFlatSegment(operand.segment) ? 'flat' : 'segmented';
    }
    return 'none';
  }

  #decodeAddress(): void {
    const mod = this.#modrm >> 6;
    const rm = this.#modrm & 7;
    let base: number;
    let index: number = L.ZERO;
    let scale = 0;
    let displacement = 0;
    if (this.#addressSize === 2) {
      [base, index] = ADDRESS16[rm]! as [number, number];
      if (mod === 0 && rm === 6) {
        base = L.ZERO;
        displacement = this.#u16();
      } else if (mod === 1) displacement = this.#s8();
      else if (mod === 2) displacement = this.#u16();
    } else {
      let register = rm;
      if (rm === 4) {
        const sib = this.#u8();
        register = sib & 7;
        scale = sib >> 6;
        const indexRegister = (sib >> 3) & 7;
        index = indexRegister === 4 ? L.ZERO : L.GPR + indexRegister * 8;
        if (index === L.ZERO) scale = 0;
      }
      base = L.GPR + register * 8;
      if (mod === 0 && register === 5) {
        base = L.ZERO;
        displacement = this.#s32();
      } else if (mod === 1) displacement = this.#s8();
      else if (mod === 2) displacement = this.#s32();
    }
    const stackRelative = base === L.RBP || base === L.RSP;
    const segment = this.#segmentOverride >= 0 ? this.#segmentOverride : stackRelative ? L.SEG_SS : L.SEG_DS;
    this.#hasMemory = true;
    this.#base = base;
    this.#index = index;
    this.#scale = scale;
    this.#displacement = displacement;
    this.#segment = segment;
  }

  #memory(size: number): Operand {
    return {
      kind: 'memory',
      size,
      base: this.#base,
      index: this.#index,
      scale: this.#scale,
      displacement: this.#displacement,
      segment: this.#segment,
      addressSize: this.#addressSize,
    };
  }

  #operand(spec: OperandSpec, opcode: number): Operand {
    const size = spec.size === 0 ? this.#operandSize : spec.size;
    const rm = this.#modrm & 7;
    switch (spec.kind) {
      case 'E':
        return this.#hasMemory ? this.#memory(size) : general(rm, size);
      case 'G':
        return general((this.#modrm >> 3) & 7, size);
      case 'Z':
        return general(opcode & 7, size);
      case 'Jb':
        return { kind: 'relative', size, value: this.#s8() };
      case 'Jz':
        return { kind: 'relative', size, value: size === 4 ? this.#s32() : (this.#u16() << 16) >> 16 };
      case 'sIb':
        return immediate(size, this.#s8());
      case 'Ib':
        return immediate(1, this.#u8());
      case 'Iz':
        return immediate(size, size === 4 ? this.#s32() : this.#u16());
      case 'M':
        return this.#memory(size);
      case 'fixed':
        return { kind: 'register', size, offset: spec.value };
      case 'constant':
        return immediate(1, spec.value);
      case 'STi':
        return immediate(1, rm);
      case 'R':
        return general(rm, 4);
      case 'S':
      case 'C':
      case 'D':
        return immediate(1, (this.#modrm >> 3) & 7);
      case 'V':
        return xmm((this.#modrm >> 3) & 7, 16);
      case 'W':
        return this.#hasMemory ? this.#memory(size) : xmm(rm, size);
      case 'U':
        return xmm(rm, 16);
      case 'P':
        return mmx((this.#modrm >> 3) & 7);
      case 'Q':
        return this.#hasMemory ? this.#memory(size) : mmx(rm);
      case 'N':
        return mmx(rm);
      case 'Iw':
        return immediate(2, this.#u16());
      case 'Iwb': {
        const bytes = this.#u16();
        return immediate(4, bytes | (this.#u8() << 16));
      }
      case 'Ap': {
        const offset = size === 4 ? this.#s32() : this.#u16();
        return { kind: 'immediate', size, value: offset, selector: this.#u16() };
      }
      case 'O':
        return this.#memoryOffset(size);
    }
    throw new Error(`operand '${spec.kind}' has no decoding`);
  }

  #memoryOffset(size: number): Operand {
    return {
      kind: 'memory',
      size,
      base: L.ZERO,
      index: L.ZERO,
      scale: 0,
      displacement: this.#addressSize === 4 ? this.#s32() : this.#u16(),
      segment: this.#segmentOverride < 0 ? L.SEG_DS : this.#segmentOverride,
      addressSize: this.#addressSize,
    };
  }
}
