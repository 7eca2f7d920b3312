// Reads decodings.txt: objdump's text taken apart into what the decoder can be compared with.

import * as L from '../../abi/layout.ts';
import { registerOffset } from '../operands.ts';

export interface Decoding {
  mode: 16 | 32;
  bytes: number[];
  text: string;
  /** The instruction's name without prefixes. */
  name: string;
  operands: string[];
  /** Bytes, where the text names a width. */
  memorySize: number | undefined;
}

const PREFIX = /^(rep[nz]*|addr\d\d|data\d\d|lock|[ecsdfg]s)$/;
const SIZES: Record<string, number> = { BYTE: 1, WORD: 2, DWORD: 4, QWORD: 8, XMMWORD: 16 };
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
const NAMES: Record<number, readonly string[]> = {
  1: ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'],
  2: ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'],
  4: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'],
};

export function readDecodings(file: string): Decoding[] {
  return file
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [mode, bytes, text] = line.split('\t') as [string, string, string];
      const words = text.split(' ').filter((word) => !PREFIX.test(word));
      const operandText = words.slice(1).join(' ');
      const size = /\b([A-Z]+) PTR/.exec(operandText)?.[1];
      return {
        mode: mode === '16' ? 16 : 32,
        bytes: bytes.split(' ').map((byte) => Number.parseInt(byte, 16)),
        text,
        name: words[0]!,
        operands: operandText === '' ? [] : operandText.split(','),
        memorySize: size === undefined ? undefined : SIZES[size],
      };
    });
}

function general(name: string): number | undefined {
  for (const [size, names] of Object.entries(NAMES))
    if (names.includes(name)) return registerOffset(names.indexOf(name), Number(size));
  return undefined;
}

/** What identifies the operand, in the form of instruction.ts. */
export function parseOperand(text: string): Record<string, number | undefined> {
  const register = general(text);
  if (register !== undefined) return { offset: register };
  const vector = /^(xmm|mm)(\d)$/.exec(text);
  if (vector) return { offset: (vector[1] === 'mm' ? L.FPR : L.XMM) + Number(vector[2]) * 16 };
  if (SEGMENTS.includes(text)) return { value: SEGMENTS.indexOf(text) };
  const special = /^(?:cr|dr)(\d)$/.exec(text);
  if (special) return { value: Number(special[1]) };
  const far = /^(0x[0-9a-f]+):(0x[0-9a-f]+)$/.exec(text);
  if (far) return { value: Number(far[2]), selector: Number(far[1]) };
  if (/^(0x[0-9a-f]+|\d)$/.test(text)) return { value: Number(text) };
  return parseMemory(text);
}

function parseMemory(text: string): Record<string, number> {
  const match = /^(?:[A-Z]+ PTR )?(?:([ecsdfg]s):)?(?:\[(.*)\]|(0x[0-9a-f]+))$/.exec(text);
  if (!match) throw new Error(`'${text}' is no operand that is known here`);
  let base: number = L.ZERO;
  let index: number = L.ZERO;
  let scale = 0;
  let displacement = Number(match[3] ?? 0);
  for (const term of (match[2] ?? '').split(/(?=[+-])/)) {
    const part = term.replace('+', '');
    const scaled = /^(\w+)\*([1248])$/.exec(part);
    if (scaled?.[1] === 'eiz') continue;
    if (scaled) {
      index = general(scaled[1]!)!;
      scale = Math.log2(Number(scaled[2]));
    } else if (/^-?0x/.test(part)) displacement = Number.parseInt(part.replace('0x', ''), 16) >>> 0;
    else if (part !== '' && base === L.ZERO) base = general(part)!;
    else if (part !== '') index = general(part)!;
  }
  const onStack = base === L.RSP || base === L.RBP;
  const segment = match[1] ? SEGMENTS.indexOf(match[1]) : onStack ? L.SEG_SS : L.SEG_DS;
  return { base, index, scale, displacement, segment };
}
