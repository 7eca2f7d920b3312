// Instructions whose memory operand lies where it may fault, drawn from the opcode tables so that a new row takes part by itself:
// one encoding for each handler of the interpreter, with its memory operand at an absolute address, and the registers by
// which other instructions reach memory set as a case asks.

import type { Registers } from '../../../vectors/loader.ts';
import * as L from '../abi/layout.ts';
import { handlerKey } from '../interpreter/handler-key.ts';
import { Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';

const MODE = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT | L.MODE_USER;
const ESCAPES: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const PREFIXES: readonly (readonly number[])[] = [[], [0x66], [0xf3], [0xf2]];
/** Their results depend on the clock. */
const NOT_COMPARABLE = new Set(['RDTSC', 'RDTSCP', 'RDPMC']);
/** As the immediates of ENTER: 16 bytes of locals, whose last slot must be as aligned as a push; two outer frames. */
const IMMEDIATES = [16, 0, 2, 0, 0, 0];

export const CODE = 0x00400800;
/** Where whatever a case does not name lies: writable, at a multiple of 16, each apart from the others. */
const HOME = {
  operand: 0x00500400,
  esp: 0x00600800,
  ebp: 0x00600700,
  esi: 0x00500500,
  edi: 0x00500600,
  ebx: 0x00500700,
};

export type Target = keyof typeof HOME;
export const TARGETS = Object.keys(HOME) as Target[];

export interface Encoding {
  readonly instruction: Instruction;
  readonly name: string;
  /** Up to the displacement, if there is one. */
  readonly start: readonly number[];
}

function withDisplacement(start: readonly number[], address: number): Uint8Array {
  const bytes = new Uint8Array(start.length + 4 + IMMEDIATES.length);
  bytes.set(start);
  new DataView(bytes.buffer).setUint32(start.length, address, true);
  bytes.set(IMMEDIATES, start.length + 4);
  return bytes;
}

function hasMemory({ operands }: Instruction): boolean {
  return operands.some(({ kind }) => kind === 'memory');
}

function bytesOf({ instruction, start }: Pick<Encoding, 'instruction' | 'start'>, address: number): Uint8Array {
  const bytes = hasMemory(instruction) ? withDisplacement(start, address) : Uint8Array.from([...start, ...IMMEDIATES]);
  return bytes.slice(0, instruction.length);
}

function collect(): Encoding[] {
  const decoder = new Decoder();
  const seen = new Set<string>();
  const found: Encoding[] = [];
  const consider = (start: readonly number[]): void => {
    let instruction: Instruction;
    try {
      instruction = decoder.decode(withDisplacement(start, HOME.operand), 0, MODE);
      if (!hasMemory(instruction)) instruction = decoder.decode(Uint8Array.from([...start, ...IMMEDIATES]), 0, MODE);
    } catch (error) {
      if (error instanceof NeedBytes) return;
      throw error;
    }
    const { mnemonic } = instruction;
    const key = handlerKey(instruction);
    if (seen.has(key) || !definitionOf(mnemonic) || mnemonic === 'UNKNOWN' || NOT_COMPARABLE.has(mnemonic)) return;
    seen.add(key);
    found.push({ instruction, start, name: key });
  };
  for (const prefix of PREFIXES)
    for (const escapeBytes of ESCAPES)
      for (let opcode = 0; opcode < 256; opcode++) {
        const rows = decoder.rowsOf(escapeBytes, opcode);
        if (rows.length === 0) continue;
        const start = [...prefix, ...escapeBytes, opcode];
        if (!rows[0]!.needsModrm) consider(start);
        // Memory at disp32.
        else for (let digit = 0; digit < 8; digit++) consider([...start, (digit << 3) | 5]);
        // Register-only encodings too reach memory by other registers (MASKMOVQ).
        if (rows[0]!.needsModrm && rows.some(({ form }) => form === 'r')) consider([...start, 0xc1]);
      }
  return found;
}

export const ENCODINGS = collect();

export interface OperandCase {
  readonly encoding: Encoding;
  /** What has `address`; all else lies at home. */
  readonly target: Target;
  readonly address: number;
  readonly alignmentChecked: boolean;
}

const EFLAGS = 0x202;
const EFLAGS_AC = 0x40000;

/** What VectorMachine.load takes. */
export function prepared({ encoding, target, address, alignmentChecked }: OperandCase) {
  const at = { ...HOME, [target]: address };
  const before: Registers = {
    // AL is no offset for XLAT; ECX counts a few repetitions.
    general: Uint32Array.of(0, 3, 0x44, at.ebx, at.esp, at.ebp, at.esi, at.edi),
    eip: CODE,
    eflags: alignmentChecked ? EFLAGS | EFLAGS_AC : EFLAGS,
    mxcsr: 0x1f80,
    mm: new BigUint64Array(8).fill(0x8070605040302010n),
    xmm: new Uint8Array(128).fill(0x40),
  };
  return { before, memoryBefore: [], code: bytesOf(encoding, at.operand) };
}

/** Of a repetition, what was done before a fault stays. */
export function isRepeated({ instruction }: Encoding): boolean {
  return instruction.repeat !== 0 && /^(MOVS|STOS|LODS|SCAS|CMPS|INS|OUTS)8?$/.test(instruction.mnemonic);
}

/** Every memory operand is of one byte, so that it can lie anywhere. */
export function isOfBytes({ instruction }: Encoding): boolean {
  const { mnemonic, operands } = instruction;
  const memory = operands.find(({ kind }) => kind === 'memory');
  return memory ? memory.size === 1 : mnemonic === 'XLAT' || /^(MOVS|STOS|LODS|SCAS|CMPS)8$/.test(mnemonic);
}
