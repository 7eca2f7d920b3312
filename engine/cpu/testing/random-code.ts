// Random user code for the differential test, as fast-check arbitraries: instructions drawn from the opcode tables, so that
// a new row takes part by itself, in a loop with forward jumps between them.

import fc from 'fast-check';
import { CODE_BASE } from '../../../vectors/environment.ts';
import type { Registers } from '../../../vectors/loader.ts';
import { EFLAGS_ARITHMETIC } from '../abi/eflags.ts';
import * as L from '../abi/layout.ts';
import { Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import type { OpcodeRow } from '../isa/opcode-table.ts';
import { definitionOf } from '../semantics/index.ts';

const MODE = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT | L.MODE_USER;

/** RDTSC, RDPMC: the result depends on the clock. POPF: may make every further instruction trap. */
const NOT_COMPARABLE = ['RDTSC', 'RDTSCP', 'RDPMC', 'POPF'];
/** Always a fault in user mode, which would end most runs early. */
const PRIVILEGED =
  'CLI STI HLT IN OUT INS8 INS OUTS8 OUTS LGDT LIDT LLDT LTR LMSW CLTS INVLPG WBINVD RDMSR WRMSR MOVFROMCR MOVFROMDR MOVTOCR MOVTODR'.split(
    ' ',
  );
const EXCLUDED = new Set([...NOT_COMPARABLE, ...PRIVILEGED]);

interface Encoding {
  escapeBytes: readonly number[];
  opcode: number;
  row: OpcodeRow;
}

const ESCAPES: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const MANDATORY: Record<string, readonly number[]> = { np: [], '66': [0x66], f3: [0xf3], f2: [0xf2] };

function encodings(): Encoding[] {
  const decoder = new Decoder();
  const all: Encoding[] = [];
  for (const escapeBytes of ESCAPES)
    for (let opcode = 0; opcode < 256; opcode++)
      for (const row of decoder.rowsOf(escapeBytes, opcode)) {
        const definition = definitionOf(row.mnemonic);
        if (definition && !definition.ends && !EXCLUDED.has(row.mnemonic)) all.push({ escapeBytes, opcode, row });
      }
  return all;
}

const isX87 = ({ opcode, escapeBytes }: Encoding): boolean =>
  escapeBytes.length === 0 && opcode >= 0xd8 && opcode <= 0xdf;
const isSimd = ({ row }: Encoding): boolean => row.operands.some((operand) => /^[VWUPQN]/.test(operand));
const ALL = encodings();
const X87 = ALL.filter(isX87);
const SIMD = ALL.filter(isSimd);
const INTEGER = ALL.filter((encoding) => !isX87(encoding) && !isSimd(encoding));

/** Where memory operands lie: mostly inside the data pages, else across their border, read-only, or nowhere. */
const address = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0x00500000, max: 0x00501f00 }).map((linear) => linear & ~15) },
  { weight: 6, arbitrary: fc.integer({ min: 0x00500000, max: 0x00501f00 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0x00500ff0, max: 0x00501010 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0x00501ff0, max: 0x00502010 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0x004fff00, max: 0x00500000 }) },
);

/** ModRM (and SIB) of a memory operand and its displacement; EBX, ESI, EDI and EBP start inside the data. */
const memoryForm = fc.oneof(
  { weight: 6, arbitrary: address.map((linear) => [0x05, ...dword(linear)]) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(3, 5, 6, 7), fc.integer({ min: 0, max: 255 })).map(([rm, d]) => [0x40 | rm, d]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: -256, max: 256 }))
      .map(([sib, displacement]) => [0x84, sib, ...dword(displacement)]),
  },
);

function dword(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

const edges = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff);
const value32 = fc.oneof(edges, fc.nat(0xffffffff), fc.nat(64));

/** One instruction's bytes; undefined where the pieces do not decode to the encoding drawn. */
const instruction = fc
  .record({
    encoding: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...INTEGER) },
      { weight: 4, arbitrary: fc.constantFrom(...SIMD) },
      { weight: 1, arbitrary: fc.constantFrom(...X87) },
    ),
    form: fc.oneof(
      memoryForm,
      fc.nat(63).map((low) => [0xc0 | low]),
    ),
    register: fc.nat(7),
    immediate: value32,
    narrow: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    segment: fc.oneof(
      { weight: 15, arbitrary: fc.constant<number[]>([]) },
      { weight: 1, arbitrary: fc.constantFrom([0x64], [0x36]) },
    ),
  })
  .map(({ encoding, form, register, immediate, narrow, segment }) => {
    const { escapeBytes, opcode, row } = encoding;
    const bytes = [
      ...segment,
      ...(narrow && row.prefix === undefined ? [0x66] : []),
      ...MANDATORY[row.prefix ?? 'np']!,
    ];
    bytes.push(...escapeBytes, opcode);
    if (row.modrm !== undefined) bytes.push(row.modrm);
    else if (row.needsModrm) bytes.push((form[0]! & 0xc7) | ((row.digit ?? register) << 3), ...form.slice(1));
    const decoded = decodeOne([...bytes, ...dword(immediate), ...dword(immediate)]);
    if (decoded?.mnemonic !== row.mnemonic) return undefined;
    return [...bytes, ...dword(immediate), ...dword(immediate)].slice(0, decoded.length);
  });

const decoder = new Decoder();

function decodeOne(bytes: number[]): Instruction | undefined {
  try {
    return decoder.decode(new Uint8Array(bytes), 0, MODE);
  } catch (error) {
    if (error instanceof NeedBytes) return undefined;
    throw error;
  }
}

export interface RandomCode {
  /** Instructions in order; `jump` is a Jcc (condition 0..15) over the one that follows. */
  steps: ({ bytes: number[] } | { jump: number })[];
  /** Times that the whole runs. */
  rounds: number;
}

export const randomCode: fc.Arbitrary<RandomCode> = fc.record({
  steps: fc.array(
    fc.oneof(
      { weight: 7, arbitrary: instruction.filter((bytes) => bytes !== undefined).map((bytes) => ({ bytes: bytes! })) },
      { weight: 1, arbitrary: fc.nat(15).map((jump) => ({ jump })) },
    ),
    { minLength: 1, maxLength: 12 },
  ),
  rounds: fc.integer({ min: 1, max: 3 }),
});

/** In the low data page, which the instructions seldom write. */
const ROUND_COUNTER = 0x8ff0;

/** The code's bytes: the steps, then a count of the rounds that leaves all registers, and INT3 behind it. */
export function assemble({ steps, rounds }: RandomCode): Uint8Array {
  // MOV dword [ROUND_COUNTER], rounds
  const head = [0xc7, 0x05, ...dword(ROUND_COUNTER), ...dword(rounds)];
  const body: number[] = [];
  steps.forEach((step, index) => {
    if ('bytes' in step) {
      body.push(...step.bytes);
      return;
    }
    const next = steps[index + 1];
    const over = next === undefined ? 0 : 'bytes' in next ? next.bytes.length : 2;
    body.push(0x70 | step.jump, over);
  });
  // DEC dword [ROUND_COUNTER]; JG back
  const tail = [0xff, 0x0d, ...dword(ROUND_COUNTER), 0x0f, 0x8f];
  return new Uint8Array([...head, ...body, ...tail, ...dword(-(body.length + tail.length + 4))]);
}

export const randomRegisters: fc.Arbitrary<Registers> = fc
  .record({
    values: fc.array(value32, { minLength: 3, maxLength: 3 }),
    flags: fc.nat(0xffff).map((bits) => (bits & EFLAGS_ARITHMETIC) | 0x202),
    mxcsr: fc.oneof(fc.constant(0x1f80), fc.constant(0x1fa0), fc.nat(0xffff)),
    mm: fc.array(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), { minLength: 8, maxLength: 8 }),
    xmm: fc.uint8Array({ minLength: 128, maxLength: 128 }),
  })
  .map(({ values, flags, mxcsr, mm, xmm }) => ({
    general: new Uint32Array([
      values[0]!,
      values[1]!,
      values[2]!,
      0x00500800,
      0x00600800,
      0x00500c00,
      0x00500400,
      0x00501000,
    ]),
    eip: CODE_BASE + 0x800,
    eflags: flags,
    mxcsr,
    mm: new BigUint64Array(mm),
    xmm,
  }));
