// The text of a decoded instruction in Intel syntax, as objdump writes it: name, operands with their widths, branch targets
// as addresses. Formatting only: what the bytes mean is the decoder's business (decoder.ts), and its operands are in the
// order of the manual already.

import * as L from '../abi/layout.ts';
import type { ImmediateOperand, Instruction, MemoryOperand, Operand } from './instruction.ts';

const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
const REGISTERS: Record<number, readonly string[]> = {
  1: ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'],
  2: ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'],
  4: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'],
};
const WIDTHS: Record<number, string> = {
  1: 'BYTE PTR ',
  2: 'WORD PTR ',
  4: 'DWORD PTR ',
  6: 'FWORD PTR ',
  8: 'QWORD PTR ',
  10: 'TBYTE PTR ',
  16: 'XMMWORD PTR ',
};

/** Definitions that share one name in assembly language. */
const NAMES: Record<string, string> = {
  PUSHSEG: 'push',
  POPSEG: 'pop',
  POPSEG_SS: 'pop',
  POPE: 'pop',
  MOVFROMSEG: 'mov',
  MOVTOSEG: 'mov',
  MOVFROMCR: 'mov',
  MOVTOCR: 'mov',
  MOVFROMDR: 'mov',
  MOVTODR: 'mov',
  CALLI: 'call',
  CALLF: 'call',
  CALLFM: 'call',
  JMPI: 'jmp',
  JMPF: 'jmp',
  JMPFM: 'jmp',
  IMUL2: 'imul',
  IMUL3: 'imul',
  MOVQX: 'movq',
  ICEBP: 'int1',
  NOPE: 'nop',
  XLAT: 'xlatb',
  UD: 'ud2',
  UNKNOWN: '(bad)',
  GP: '(bad)',
};
/** Names by operand size, or for JCXZ by address size: 16 and 32 bits. */
const SIZED_NAMES: Record<string, readonly [string, string]> = {
  CBW: ['cbw', 'cwde'],
  CWD: ['cwd', 'cdq'],
  JCXZ: ['jcxz', 'jecxz'],
};
/** What FENCE stands for, by ModRM.reg. */
const FENCES: Record<number, string> = { 5: 'lfence', 6: 'mfence', 7: 'sfence' };
const STRING = /^(MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS)8?$/;
const LOCK = 0xf0;
const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, LOCK, 0xf2, 0xf3]);

/** Memory of no width of its own: an address, or a structure. */
const WIDTHLESS = /^(LEA|[SL][GI]DT|INVLPG|BOUND|FXSAVE|FXRSTOR|CLFLUSH|LDDQU|F(LD|NST)ENV|FNSAVE|FRSTOR)/;
/** Far pointers in memory: offset and selector. */
const FAR_POINTER = /^((CALL|JMP)FM|L[DEFGS]S)$/;
/** x87 operands of 80 bits, by opcode and ModRM.reg as their definitions are named (semantics/x87/x87.ts). */
const TEN_BYTES = /:(dbm[57]|dfm[46])$/;
/** Shifts and rotations by one have an encoding of their own. */
const SHIFT = /^(RO|RC|SH|SA)[LR]$/;

/** `bytes`: the instruction's own. `address`: where it lies, from which relative targets are computed. */
export function disassemble(instruction: Instruction, bytes: Uint8Array, address: number): string {
  const operands = operandTexts(instruction, address).join(',');
  return `${prefixOf(instruction, bytes)}${nameOf(instruction, bytes)}${operands === '' ? '' : ` ${operands}`}`;
}

/** Where a relative branch goes; undefined for every other instruction. */
export function branchTarget(instruction: Instruction, address: number): number | undefined {
  const operand = instruction.operands[0];
  if (operand?.kind !== 'relative') return undefined;
  const target = address + instruction.length + operand.value;
  // A 16-bit branch stays in its segment's 64 KiB.
  return operand.size === 2 ? ((address & ~0xffff) | (target & 0xffff)) >>> 0 : target >>> 0;
}

function prefixOf(instruction: Instruction, bytes: Uint8Array): string {
  let lock = '';
  for (const byte of bytes) {
    if (!PREFIXES.has(byte)) break;
    if (byte === LOCK) lock = 'lock ';
  }
  const string = STRING.exec(instruction.mnemonic)?.[1];
  if (!string || instruction.repeat === 0) return lock;
  const compares = string === 'CMPS' || string === 'SCAS';
  return `${lock}${instruction.repeat === 2 ? 'repnz' : compares ? 'repz' : 'rep'} `;
}

function nameOf(instruction: Instruction, bytes: Uint8Array): string {
  const { mnemonic, operandSize, addressSize } = instruction;
  const sized = SIZED_NAMES[mnemonic];
  if (sized) return sized[(mnemonic === 'JCXZ' ? addressSize : operandSize) === 4 ? 1 : 0];
  const string = STRING.exec(mnemonic)?.[1];
  if (string) return `${string.toLowerCase()}${mnemonic.endsWith('8') ? 'b' : operandSize === 4 ? 'd' : 'w'}`;
  // No row of the tables: reserved.
  if (mnemonic === 'UD' && instruction.shape < 0) return '(bad)';
  if (mnemonic === 'FENCE') return FENCES[(bytes[bytes.length - 1]! >> 3) & 7]!;
  return NAMES[mnemonic] ?? mnemonic.toLowerCase().replace(/:.*$/, '');
}

function operandTexts(instruction: Instruction, address: number): string[] {
  const { mnemonic, operands } = instruction;
  if (mnemonic === 'UNKNOWN') return [];
  if (STRING.test(mnemonic)) return stringOperands(instruction);
  const texts = operands.map((operand) => operandText(instruction, operand, address));
  if (mnemonic === 'ENTER') return enterOperands(operands[0] as ImmediateOperand);
  if (/:d[8-f]r/.test(mnemonic)) return stackOperands(mnemonic, texts);
  // The decoder names the accumulator first.
  if (mnemonic === 'OUT') return texts.reverse();
  return /^(P?BLENDVP?[BSD])$/.test(mnemonic) ? [...texts, 'xmm0'] : texts;
}

/** Written out only where a prefix has chosen the source's segment. */
function stringOperands({ mnemonic, segment, addressSize }: Instruction): string[] {
  if (segment === L.SEG_DS || /^(STOS|SCAS|INS)/.test(mnemonic)) return [];
  return [`${SEGMENTS[segment]}:[${registerText(L.RSI, addressSize)}]`];
}

function enterOperands({ value }: ImmediateOperand): string[] {
  return [hex(value & 0xffff), hex(value >> 16)];
}

/** Which of ST and ST(i) an x87 instruction on registers names, and in which order. `mnemonic` is NAME:opcode r digit. */
function stackOperands(mnemonic: string, operands: readonly string[]): string[] {
  const [name = '', encoding = ''] = mnemonic.split(':');
  if (name === 'FNSTSW' || name === 'FSTSW') return ['ax'];
  const [register] = operands;
  if (register === undefined) return [];
  if (/^F(CMOV|U?COMI)/.test(name)) return ['st', register];
  if (/^F(ADD|MUL|SUBR?|DIVR?)P?$/.test(name)) return encoding.startsWith('d8') ? ['st', register] : [register, 'st'];
  return operands as string[];
}

function operandText(instruction: Instruction, operand: Operand, address: number): string {
  switch (operand.kind) {
    case 'register':
      return registerText(operand.offset, operand.size);
    case 'memory':
      return `${widthOf(instruction, operand)}${memoryText(operand)}`;
    case 'relative':
      return hex(branchTarget(instruction, address)!);
    case 'immediate':
      return immediateText(instruction, operand);
  }
}

function registerText(offset: number, size: number): string {
  if (offset >= L.FPR) return `mm${(offset - L.FPR) >> 4}`;
  if (offset >= L.XMM) return `xmm${(offset - L.XMM) >> 4}`;
  const number = (offset & ~7) >> 3;
  return REGISTERS[size]![size === 1 && offset & 1 ? number + 4 : number]!;
}

function immediateText({ mnemonic }: Instruction, operand: ImmediateOperand): string {
  const { value, size, selector } = operand;
  if (/:d[8-f]r/.test(mnemonic)) return `st(${value})`;
  if (/SEG(_SS)?$/.test(mnemonic)) return SEGMENTS[value]!;
  if (/^MOV(TO|FROM)CR$/.test(mnemonic)) return `cr${value}`;
  if (/^MOV(TO|FROM)DR$/.test(mnemonic)) return `dr${value}`;
  if (selector !== undefined) return `${hex(selector)}:${hex(value)}`;
  if (value === 1 && SHIFT.test(mnemonic)) return '1';
  return hex(Number(BigInt.asUintN(size * 8, BigInt(value))));
}

function widthOf({ mnemonic, operandSize }: Instruction, { size }: MemoryOperand): string {
  if (WIDTHLESS.test(mnemonic)) return '';
  if (FAR_POINTER.test(mnemonic)) return WIDTHS[operandSize + 2]!;
  return WIDTHS[TEN_BYTES.test(mnemonic) ? 10 : size] ?? '';
}

/** Segments are named where they are not the ones that the base register implies. */
function memoryText(operand: MemoryOperand): string {
  const { base, index, scale, displacement, segment, addressSize } = operand;
  const implied = base === L.RSP || base === L.RBP ? L.SEG_SS : L.SEG_DS;
  if (base === L.ZERO && index === L.ZERO) {
    const mask = addressSize === 2 ? 0xffff : 0xffffffff;
    return `${SEGMENTS[segment]}:${hex((displacement & mask) >>> 0)}`;
  }
  const terms: string[] = [];
  const size = addressSize === 2 ? 2 : 4;
  if (base !== L.ZERO) terms.push(registerText(base, size));
  if (index !== L.ZERO) terms.push(`${registerText(index, size)}${addressSize === 2 ? '' : `*${1 << scale}`}`);
  const signed = addressSize === 2 ? (displacement << 16) >> 16 : displacement;
  const tail = signed === 0 ? '' : signed < 0 ? `-${hex(-signed)}` : `+${hex(signed)}`;
  return `${segment === implied ? '' : `${SEGMENTS[segment]}:`}[${terms.join('+')}${tail}]`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
