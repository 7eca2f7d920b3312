// Decodes one instruction of legacy modes (16 and 32 bit) from its bytes, by the opcode tables.
//
// Invariants: never reads beyond the bytes it is given; an instruction that needs more throws `NeedBytes` (the caller
// fetches the next page or raises its fault); an encoding that no row fits decodes as UNKNOWN, one that is #UD by
// definition as UD; more than 15 bytes is a #GP, decoded as GP.

import type { Instruction, MemoryKind, Operand, StackKind } from './instruction.ts';
import * as L from './layout.ts';
import { buildMaps, type OpcodeMap, type OpcodeRow } from './opcode-table.ts';
import { INTEGER_OPCODES } from './opcodes-integer.ts';
import { SIMD_OPCODES } from './opcodes-simd.ts';
import { SIMD_EXTENSION_OPCODES } from './opcodes-simd-extensions.ts';
import { FPU_STATE_OPCODES, X87_OPCODE_LINES } from './semantics/x87.ts';

/** The instruction does not end within the bytes given. */
export class NeedBytes extends Error {}

const MAXIMUM_LENGTH = 15;

const MAPS = buildMaps(INTEGER_OPCODES, X87_OPCODE_LINES, FPU_STATE_OPCODES, SIMD_OPCODES, SIMD_EXTENSION_OPCODES);

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

const FIXED_REGISTERS: Record<string, number> = { AL: L.RAX, CL: L.RCX, DX: L.RDX, eAX: L.RAX };
/** Segments that MODE_FLAT vouches for in reading and writing. */
const FLAT_SEGMENTS = [L.SEG_ES, L.SEG_SS, L.SEG_DS];
/** Control registers there are; moves of others are #UD. */
const CONTROL_REGISTERS = [0, 2, 3, 4];
const SEGMENT_NAMES = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS'];

/** Mnemonics that may carry LOCK when their first operand is memory. SDM vol. 2, LOCK. */
const LOCKABLE = new Set(
  'ADD ADC AND BTC BTR BTS CMPXCHG CMPXCHG8B DEC INC NEG NOT OR SBB SUB XOR XADD XCHG'.split(' '),
);

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

export function registerOffset(number: number, size: number): number {
  if (size === 1 && number >= 4) return L.GPR + (number - 4) * 8 + 1;
  return L.GPR + number * 8;
}

function xmm(n: number): Operand {
  return { kind: 'register', size: 16, offset: L.XMM + n * 16 };
}

function mmx(n: number): Operand {
  return { kind: 'register', size: 8, offset: L.FPR + n * 16 };
}

export class Decoder {
  #bytes = new Uint8Array(0);
  #position = 0;
  #start = 0;
  #segmentOverride = -1;
  #operandSize: 2 | 4 = 4;
  #addressSize: 2 | 4 = 4;
  #modrm = 0;
  #memory: Operand | undefined;

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

  /** The rows of an opcode after its escape bytes ([], [0f], [0f 38], [0f 3a]). */
  rowsOf(escapeBytes: readonly number[], opcode: number): readonly OpcodeRow[] {
    if (escapeBytes.length === 0 && (PREFIXES.has(opcode) || opcode === 0x0f)) return [];
    const map =
      escapeBytes.length === 0
        ? MAPS.one
        : escapeBytes.length === 1
          ? MAPS.two
          : escapeBytes[1] === 0x38
            ? MAPS.three38
            : MAPS.three3a;
    return map[opcode] ?? [];
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
    this.#memory = undefined;
    const wide = (mode & L.MODE_CS32) !== 0;
    this.#operandSize = wide ? 4 : 2;
    this.#addressSize = wide ? 4 : 2;
    let operandPrefix = false;
    let repeatPrefix: 0 | 0xf2 | 0xf3 = 0;
    let lock = false;
    let opcode: number;
    prefixes: for (;;) {
      if (this.#position - this.#start >= MAXIMUM_LENGTH) return this.#finish('GP', [], mode, 0);
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
    let map: OpcodeMap = MAPS.one;
    if (opcode === 0x0f) {
      opcode = this.#u8();
      map = MAPS.two;
      if (opcode === 0x38) {
        map = MAPS.three38;
        opcode = this.#u8();
      } else if (opcode === 0x3a) {
        map = MAPS.three3a;
        opcode = this.#u8();
      }
    }
    const repeat = repeatPrefix === 0xf3 ? 1 : repeatPrefix === 0xf2 ? 2 : 0;
    const rows = map[opcode];
    if (!rows) return this.#unknown(mode, repeat);
    if (rows[0]!.needsModrm) {
      if (this.#position >= this.#bytes.length) throw new NeedBytes();
      this.#modrm = this.#bytes[this.#position]!;
    }
    const prefix = repeatPrefix === 0xf3 ? 'f3' : repeatPrefix === 0xf2 ? 'f2' : operandPrefix ? '66' : 'np';
    const row = rows.find((r) => this.#fits(r, prefix));
    if (!row) {
      this.#position++;
      return this.#unknown(mode, repeat);
    }
    if (row.needsModrm) {
      this.#position++;
      // Moves of control and debug registers ignore mod: rm is always a register.
      if (this.#modrm < 0xc0 && !row.operands.includes('Rd')) this.#decodeAddress();
    }
    const operands = row.operands.map((spec) => this.#operand(spec, opcode));
    if (this.#position - this.#start > MAXIMUM_LENGTH) return this.#finish('GP', [], mode, 0);
    if (/^MOV(TO|FROM)SEG$/.test(row.mnemonic)) {
      const segment = (this.#modrm >> 3) & 7;
      if (segment > 5 || (row.mnemonic === 'MOVTOSEG' && segment === L.SEG_CS))
        return this.#finish('UD', [], mode, repeat);
    }
    if (/^MOV(TO|FROM)CR$/.test(row.mnemonic) && !CONTROL_REGISTERS.includes((this.#modrm >> 3) & 7))
      return this.#finish('UD', [], mode, repeat);
    if (lock && !(LOCKABLE.has(row.mnemonic) && operands[0]?.kind === 'memory'))
      return this.#finish('UD', [], mode, repeat);
    return this.#finish(row.mnemonic, operands, mode, repeat);
  }

  /** No row: UNKNOWN with the first bytes of the encoding as its immediate. */
  #unknown(mode: number, repeat: 0 | 1 | 2): Instruction {
    let bytes = 0;
    for (let i = Math.min(3, this.#position - this.#start - 1); i >= 0; i--)
      bytes = (bytes << 8) | this.#bytes[this.#start + i]!;
    return this.#finish('UNKNOWN', [this.#immediate(4, bytes)], mode, repeat);
  }

  #fits(row: OpcodeRow, prefix: string): boolean {
    if (row.prefix !== undefined && row.prefix !== prefix) return false;
    if (row.digit !== undefined && row.digit !== ((this.#modrm >> 3) & 7)) return false;
    if (row.modrm !== undefined && row.modrm !== this.#modrm) return false;
    if (row.form === 'm' && this.#modrm >= 0xc0) return false;
    if (row.form === 'r' && this.#modrm < 0xc0) return false;
    return true;
  }

  #finish(mnemonic: string, operands: readonly Operand[], mode: number, repeat: 0 | 1 | 2): Instruction {
    const flat = (mode & L.MODE_FLAT) !== 0;
    const memoryOperand = operands.find((operand) => operand.kind === 'memory');
    let memory: MemoryKind = 'none';
    if (memoryOperand?.kind === 'memory')
      memory = flat && this.#addressSize === 4 && FLAT_SEGMENTS.includes(memoryOperand.segment) ? 'flat' : 'segmented';
    const stack: StackKind = (mode & L.MODE_SS32) === 0 ? 'narrow' : flat ? 'flat' : 'wide';
    return {
      mnemonic,
      operands,
      operandSize: this.#operandSize,
      addressSize: this.#addressSize,
      repeat,
      segment: this.#segmentOverride < 0 ? L.SEG_DS : this.#segmentOverride,
      memory,
      stack,
      limited: !flat,
      length: this.#position - this.#start,
    };
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
    this.#memory = {
      kind: 'memory',
      size: 0,
      base,
      index,
      scale,
      displacement,
      segment,
      addressSize: this.#addressSize,
    };
  }

  #size(letter: string | undefined): number {
    switch (letter) {
      case 'b':
        return 1;
      case 'w':
        return 2;
      case 'd':
      case 'ss':
        return 4;
      case 'q':
      case 'sd':
        return 8;
      case 'dq':
      case 'x':
      case 'ps':
      case 'pd':
        return 16;
      default:
        return this.#operandSize;
    }
  }

  #immediate(size: number, value: number): Operand {
    return { kind: 'immediate', size, value };
  }

  #general(number: number, size: number): Operand {
    return { kind: 'register', size, offset: registerOffset(number, size) };
  }

  #rm(size: number, registerFile: (number: number) => Operand): Operand {
    return this.#memory ? { ...(this.#memory as Operand), size } : registerFile(this.#modrm & 7);
  }

  #operand(spec: string, opcode: number): Operand {
    const reg = (this.#modrm >> 3) & 7;
    const size = this.#size(spec.slice(1));
    if (spec in FIXED_REGISTERS)
      return {
        kind: 'register',
        size: spec === 'eAX' ? this.#operandSize : spec === 'DX' ? 2 : 1,
        offset: FIXED_REGISTERS[spec]!,
      };
    if (SEGMENT_NAMES.includes(spec)) return this.#immediate(1, SEGMENT_NAMES.indexOf(spec));
    switch (spec) {
      case 'STi':
        return this.#immediate(1, this.#modrm & 7);
      case '1':
        return this.#immediate(1, 1);
      case 'sIb':
        return this.#immediate(this.#operandSize, this.#s8());
      case 'Ib':
        return this.#immediate(1, this.#u8());
      case 'Iw':
        return this.#immediate(2, this.#u16());
      case 'Iz':
      case 'Iv':
        return this.#immediate(this.#operandSize, this.#operandSize === 4 ? this.#s32() : this.#u16());
      case 'Iwb': {
        const bytes = this.#u16();
        return this.#immediate(4, bytes | (this.#u8() << 16));
      }
      case 'Jb':
        return { kind: 'relative', size: this.#operandSize, value: this.#s8() };
      case 'Jz':
        return {
          kind: 'relative',
          size: this.#operandSize,
          value: this.#operandSize === 4 ? this.#s32() : (this.#u16() << 16) >> 16,
        };
      case 'Ap': {
        const offset = this.#operandSize === 4 ? this.#s32() : this.#u16();
        return { kind: 'immediate', size: this.#operandSize, value: offset, selector: this.#u16() };
      }
    }
    switch (spec[0]) {
      case 'E':
        return this.#rm(size, (n) => this.#general(n, size));
      case 'M':
        return { ...(this.#memory as Operand), size };
      case 'G':
        return this.#general(reg, size);
      case 'R':
        return this.#general(this.#modrm & 7, 4);
      case 'Z':
        return this.#general(opcode & 7, size);
      case 'S':
      case 'C':
      case 'D':
        return this.#immediate(1, reg);
      case 'V':
        return xmm(reg);
      case 'W':
        return this.#rm(size, (n) => ({ ...xmm(n), size }));
      case 'U':
        return xmm(this.#modrm & 7);
      case 'P':
        return mmx(reg);
      case 'Q':
        return this.#rm(size, mmx);
      case 'N':
        return mmx(this.#modrm & 7);
      case 'O': {
        const displacement = this.#addressSize === 4 ? this.#s32() : this.#u16();
        return {
          kind: 'memory',
          size,
          base: L.ZERO,
          index: L.ZERO,
          scale: 0,
          displacement,
          segment: this.#segmentOverride < 0 ? L.SEG_DS : this.#segmentOverride,
          addressSize: this.#addressSize,
        };
      }
    }
    throw new Error(`operand '${spec}' has no decoding`);
  }
}
