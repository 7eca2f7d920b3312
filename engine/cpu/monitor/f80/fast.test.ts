// The straight paths of functions on numbers against the instructions that compute in general: every bit and every flag, over
// operands made to lie on the edges of rounding.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { monitorBytes } from '../../../../scripts/build-monitor.ts';
import { X87Machine } from '../../../../vectors/x87/machine.ts';
import type { Extended } from '../../../../vectors/x87/reader.ts';
import { FPU_CW, FPU_RESULT, FPU_SW, FPU_TAG } from '../../abi/layout.ts';
import type { FpuFunction } from '../../abi/x87-api.ts';
import { anyNumber, controlWord, sparse } from '../../testing/random-x87.ts';

const RUNS = 20_000;
const SIGN = 0x8000;
const INTEGER_BIT = 1n << 63n;
const MASK64 = (1n << 64n) - 1n;
const ES = 0x80;
const ES_AND_BUSY = 0x8080;
const NOT_MASKED = 0x80000000;

let machine: X87Machine;

beforeAll(async () => {
  machine = new X87Machine(new WebAssembly.Module(await monitorBytes()));
});

const operand = fc.oneof(sparse, anyNumber);
/** The control word of systems in half of the cases. */
const control = fc.oneof(fc.constant(0x37f), controlWord);

interface Result {
  significand: bigint;
  word: number;
}

function fast(name: FpuFunction, ...args: (number | bigint)[]): Result {
  const significand = BigInt.asUintN(64, machine.call(name, ...args) as unknown as bigint);
  return { significand, word: machine.get32(FPU_RESULT) };
}

/** ST(0) and the status word after an instruction on ST(0) = a, ST(1) = b; leaves the control word as it is for it. */
function general(cw: number, a: Extended, b: Extended, name: FpuFunction, ...args: (number | bigint)[]): Result {
  machine.set32(FPU_CW, cw);
  machine.set32(FPU_SW, 0);
  machine.set32(FPU_TAG, 0);
  machine.setRegister(0, a);
  machine.setRegister(1, b);
  machine.call(name, ...args);
  const { significand, signExponent } = machine.register(0);
  const status = machine.get32(FPU_SW);
  const unmasked = (status & ES) !== 0 ? NOT_MASKED : 0;
  return { significand, word: (signExponent | ((status & ~ES_AND_BUSY) << 16) | unmasked) >>> 0 };
}

/** Where an exception is not masked, the general instruction does what is to be done: enough that both find it. */
function same(actual: Result, expected: Result): void {
  if (expected.word < NOT_MASKED) expect(actual).toEqual(expected);
  else expect(actual.word >>> 31).toBe(1);
}

const pair = ({ significand, signExponent }: Extended): [bigint, number] => [significand, signExponent];

describe('functions on numbers', () => {
  it.each<[string, FpuFunction, number, number[]]>([
    ['addition', 'f80_add', 0, [0]],
    ['subtraction', 'f80_add', 4, [SIGN]],
    ['multiplication', 'f80_multiply', 1, []],
    ['division', 'f80_divide', 6, []],
  ])('%s', (_, name, operation, more) => {
    fc.assert(
      fc.property(operand, operand, control, (a, b, cw) => {
        const expected = general(cw, a, b, 'fpu_arith_st', operation, 0, 1, 0);
        same(fast(name, ...pair(a), ...pair(b), ...more), expected);
      }),
      { numRuns: RUNS },
    );
  });

  it.each<[string, FpuFunction, FpuFunction]>([
    ['square root', 'f80_square_root', 'fpu_sqrt'],
    ['rounding to an integer', 'f80_to_integral', 'fpu_rndint'],
  ])('%s', (_, name, instruction) => {
    fc.assert(
      fc.property(operand, control, (a, cw) => {
        const expected = general(cw, a, a, instruction);
        same(fast(name, ...pair(a)), expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('square roots near whole numbers', () => {
    const root = fc.bigInt({ min: 1n << 31n, max: (1n << 32n) - 1n });
    fc.assert(
      fc.property(root, fc.integer({ min: -2, max: 2 }), fc.boolean(), (r, offset, odd) => {
        const square = (r * r + BigInt(offset)) & MASK64;
        fc.pre(square >= 1n << 62n);
        const shift = square < INTEGER_BIT ? 1n : 0n;
        const a = { significand: square << shift, signExponent: 0x403e - Number(shift) + (odd ? 1 : 0) };
        const expected = general(0x37f, a, a, 'fpu_sqrt');
        same(fast('f80_square_root', ...pair(a)), expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('comparison', () => {
    fc.assert(
      fc.property(operand, operand, fc.nat(1), fc.boolean(), control, (a, other, unordered, alike, cw) => {
        const b = alike ? { ...a, signExponent: other.signExponent } : other;
        const { word } = general(cw, a, b, 'fpu_compare_st', 1, unordered, 0);
        const outcome = machine.call('f80_compare', ...pair(a), ...pair(b), unordered) >>> 0;
        expect(outcome >>> 31).toBe(word >>> 31);
        if (word < NOT_MASKED) expect(outcome).toBe((word >>> 16) & 0x7fff);
      }),
      { numRuns: RUNS },
    );
  });
});
