// Random x87 code and state for the tests that hold its common case against the monitor's general one, as fast-check arbitraries.

import fc from 'fast-check';
import type { Extended } from '../../../vectors/x87/reader.ts';
import { X87_OPCODES, type X87Row } from '../abi/x87-api.ts';

/** Where memory operands lie, sixteen bytes each. */
export const OPERANDS = 0x80000;
export const OPERAND_COUNT = 16;
const OPERAND_SIZE = 16;

const INTEGER_BIT = 1n << 63n;

/** Significands whose products, sums and quotients lie on and near the edges of rounding. */
const significand = fc.oneof(
  fc.constantFrom(
    INTEGER_BIT,
    INTEGER_BIT | 1n,
    (1n << 64n) - 1n,
    0xc000000000000000n,
    0xffffffff00000000n,
    0x80000000ffffffffn,
    0xfffffffffffff800n,
    0xfffffffffffff7ffn,
    0x8000000000000400n,
  ),
  fc.bigInt({ min: INTEGER_BIT, max: (1n << 64n) - 1n }),
  // Doubles
  fc.bigInt({ min: 1n << 52n, max: (1n << 53n) - 1n }).map((bits) => bits << 11n),
);

const sign = fc.constantFrom(0, 0x8000);
const nearOne = fc.integer({ min: 0x3fff - 70, max: 0x3fff + 70 });
const anyExponent = fc.oneof(
  { weight: 4, arbitrary: nearOne },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 64, 0x3c00, 0x3c01, 0x3bff, 0x3f80, 0x3f81, 0x407e, 0x43fe, 0x7ffe) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 0x7ffe }) },
);

/** Normal, of any size. */
const normal: fc.Arbitrary<Extended> = fc
  .tuple(significand, sign, anyExponent)
  .map(([bits, s, exponent]) => ({ significand: bits, signExponent: s | exponent }));

/** Few bits set or few clear, near one: sums and products of such numbers tie, and cancel. */
export const sparse: fc.Arbitrary<Extended> = fc
  .tuple(fc.array(fc.nat(63), { maxLength: 3 }), fc.boolean(), sign, nearOne)
  .map(([bits, complement, s, exponent]) => {
    const few = bits.reduce((sum, n) => sum | (1n << BigInt(n)), 0n);
    const pattern = BigInt.asUintN(64, complement ? ~few : few) | INTEGER_BIT;
    return { significand: pattern, signExponent: s | exponent };
  });

/** Zeros, denormals, infinities, NaNs of both kinds, encodings that are none. */
const special: fc.Arbitrary<Extended> = fc
  .tuple(
    sign,
    fc.constantFrom<[number, bigint]>(
      [0, 0n],
      [0, 0n],
      [0, 1n],
      [0, 0x7fffffffffffffffn],
      [0, INTEGER_BIT],
      [0x7fff, INTEGER_BIT],
      [0x7fff, 0xc000000000000000n],
      [0x7fff, 0xc000000000000123n],
      [0x7fff, 0x8000000000000001n],
      [0x7fff, 0n],
      [0x3fff, 0x7fffffffffffffffn],
      [0x4000, 0n],
    ),
  )
  .map(([s, [exponent, bits]]) => ({ significand: bits, signExponent: s | exponent }));

export const anyNumber: fc.Arbitrary<Extended> = fc.oneof(
  { weight: 2, arbitrary: normal },
  { weight: 2, arbitrary: sparse },
  { weight: 1, arbitrary: special },
);

/** Precision and rounding of all kinds; exceptions mostly masked. */
export const controlWord = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0x37f) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 15 }).map((n) => 0x7f | (n << 8)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x1fff }).map((n) => (n & 0x1f3f) | 0x40) },
);

const double = fc.double().map((value) => {
  const bytes = new Uint8Array(OPERAND_SIZE);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
});
const single = fc.float().map((value) => {
  const bytes = new Uint8Array(OPERAND_SIZE);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
});
const operand = fc.oneof(
  double,
  single,
  fc.uint8Array({ minLength: OPERAND_SIZE, maxLength: OPERAND_SIZE }),
  fc.constantFrom(
    // A denormal double, signaling NaNs, a control word
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(1, 0, 0x80, 0x7f, 0, 0, 0xf0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(0x7f, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  ),
);

/** One instruction: its row, the second byte, and which operand it has if it has one. */
export interface X87Instruction {
  row: X87Row;
  modrm: number;
  place: number;
}

function instructionOf(rows: readonly X87Row[]): fc.Arbitrary<X87Instruction> {
  return fc.tuple(fc.constantFrom(...rows), fc.nat(7), fc.nat(OPERAND_COUNT - 1)).map(([row, i, place]) => ({
    row,
    modrm: row.form === 'mem' ? (row.digit << 3) | 5 : 0xc0 | (row.digit << 3) | (row.rm ?? i),
    place,
  }));
}

/** Images in memory hold pointers that the monitor's functions alone do not keep. */
const COMPARABLE = X87_OPCODES.filter(({ args }) => !args.includes('size'));
const FREQUENT = COMPARABLE.filter(({ call }) => /arith|push|store|exchange|compare|chs|abs|sqrt|stsw/.test(call));

export interface X87Case {
  controlWord: number;
  top: number;
  /** Bit n: physical register n is empty. */
  empty: number;
  registers: Extended[];
  operands: Uint8Array[];
  code: X87Instruction[];
  /** Whether the operands' page is in the TLB. */
  warm: boolean;
}

function caseOf(numbers: fc.Arbitrary<Extended>, control: fc.Arbitrary<number>, rows: readonly X87Row[]) {
  return fc.record<X87Case>({
    controlWord: control,
    top: fc.nat(7),
    empty: fc.oneof(fc.nat(255), fc.constantFrom(0xff, 0, 0x0f, 0xf0, 0x3c)),
    registers: fc.array(numbers, { minLength: 8, maxLength: 8 }),
    operands: fc.array(operand, { minLength: OPERAND_COUNT, maxLength: OPERAND_COUNT }),
    code: fc.array(instructionOf(rows), { minLength: 1, maxLength: 14 }),
    warm: fc.boolean(),
  });
}

/** Anything, and what programs do most. */
export const x87Case: fc.Arbitrary<X87Case> = fc.oneof(
  caseOf(anyNumber, controlWord, COMPARABLE),
  caseOf(normal, fc.constant(0x37f), FREQUENT),
);

export function operandAddress(place: number): number {
  return OPERANDS + place * OPERAND_SIZE;
}

/** The instructions as a machine runs them, with HLT behind. */
export function assembleX87(code: readonly X87Instruction[]): Uint8Array {
  const bytes: number[] = [];
  for (const { row, modrm, place } of code) {
    bytes.push(row.opcode, modrm);
    const address = operandAddress(place);
    if (row.form === 'mem') for (let shift = 0; shift < 32; shift += 8) bytes.push((address >>> shift) & 0xff);
  }
  return Uint8Array.of(...bytes, 0xf4);
}
