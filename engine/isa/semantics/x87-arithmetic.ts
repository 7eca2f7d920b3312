// Sums and products of extended numbers in emitted code: a straight path for normal numbers under the control word that systems
// set (64-bit precision, to nearest, inexact results masked), the monitor's functions for all others. The straight
// path equals them bit for bit.
// Source: Intel SDM vol. 1 ch. 4.8.4 (rounding), 8.5.6 (PE, C1).

import type { Label, Value } from '../../wasm/body.ts';
import { I32, I64 } from '../../wasm/encoding.ts';
import type { Emitter } from '../emitter.ts';
import { type Extended, STATUS_C1, type X87Stack } from '../x87-stack.ts';
import { resultWord } from './x87-formats.ts';

const SIGN = 0x8000;
const INTEGER_BIT = 1n << 63n;
const BIAS = 0x3fff;

/** An exact result before rounding: sign in bit 15, biased exponent, significand with bit 63 set, what follows it. */
interface Exact {
  sign: Value;
  exponent: Value;
  high: Value;
  low: Value;
}

/**
 * A result accepted by the stack: computed on the straight path, or by `general`, a call that leaves its word in FPU_RESULT.
 * `straight` branches to its label where the numbers are not for it.
 */
function result(e: Emitter, stack: X87Stack, straight: (otherwise: Label) => Exact, general: () => Value): Extended {
  const { body } = e;
  const significand = body.variable(I64);
  const word = body.variable(I32);
  body.block((done) => {
    body.block((otherwise) => {
      const { sign, exponent, high, low } = straight(otherwise);
      // Up if above half an ulp, or at half of an odd number's
      const up = e.keep(low.gtU(body.i64(INTEGER_BIT).sub(high.and(1))));
      const rounded = e.keep(high.add(up.extendU()));
      const carried = e.keep(rounded.eqz());
      const rebiased = e.keep(exponent.add(carried));
      body.branchUnlikely(rebiased.sub(1).ltU(0x7ffe).eqz(), otherwise);
      significand.set(rounded.or(carried.extendU().shl(63)));
      word.set(sign.or(rebiased));
      stack.rounded(low, up);
      body.branch(done);
    });
    significand.set(general());
    const returned = resultWord(e);
    stack.require(returned.geS(0));
    word.set(returned.and(0xffff));
    stack.status(STATUS_C1, returned.shrU(16));
  });
  return { significand: significand.value, word: word.value };
}

/** Not for the straight path: zeros, denormals, infinities, NaNs, operands with something to signal, other control words. */
function expectNormal(e: Emitter, stack: X87Stack, a: Extended, b: Extended, otherwise: Label): void {
  const { body } = e;
  for (const { word } of [a, b]) body.branchUnlikely(word.add(1).and(0x7ffe).eqz(), otherwise);
  body.branchUnlikely(a.significand.and(b.significand).and(stack.usual()).geS(0), otherwise);
  for (const { word, signals } of [a, b]) if (signals) body.branchUnlikely(word.gtU(0xffff), otherwise);
}

function exponentOf({ word }: Extended): Value {
  return word.and(0x7fff);
}

export function multiply(e: Emitter, stack: X87Stack, a: Extended, b: Extended): Extended {
  const product = (otherwise: Label): Exact => {
    expectNormal(e, stack, a, b, otherwise);
    const low32 = (value: Value): Value => value.and(0xffffffff);
    const a0 = e.keep(low32(a.significand));
    const a1 = e.keep(a.significand.shrU(32));
    const b0 = e.keep(low32(b.significand));
    const b1 = e.keep(b.significand.shrU(32));
    const lowest = e.keep(a0.mul(b0));
    const middle = e.keep(a1.mul(b0).add(lowest.shrU(32)));
    const other = e.keep(a0.mul(b1).add(low32(middle)));
    const high = e.keep(a1.mul(b1).add(middle.shrU(32)).add(other.shrU(32)));
    const low = e.keep(other.shl(32).or(low32(lowest)));
    // A product below 2^127 moves up by one bit.
    const below = e.keep(high.shrU(63).xor(1));
    return {
      sign: a.word.xor(b.word).and(SIGN),
      exponent: exponentOf(a)
        .add(exponentOf(b))
        .sub(BIAS - 1)
        .sub(below.wrap()),
      high: e.keep(high.shl(below).or(low.shrU(63).and(below))),
      low: e.keep(low.shl(below)),
    };
  };
  return result(e, stack, product, () => e.pure('f80_multiply', a.significand, a.word, b.significand, b.word));
}

/** a + b, or a - b if `negate`. */
export function add(e: Emitter, stack: X87Stack, a: Extended, b: Extended, negate: boolean): Extended {
  const { body } = e;
  const sum = (otherwise: Label): Exact => {
    expectNormal(e, stack, a, b, otherwise);
    const difference = e.keep(exponentOf(a).sub(exponentOf(b)));
    const swap = e.keep(difference.ltS(0).or(difference.eqz().and(a.significand.ltU(b.significand))));
    const distance = e.keep(body.select(swap, difference.neg(), difference));
    body.branchUnlikely(distance.gtU(63), otherwise);
    const wide = e.keep(distance.extendU());
    const small = e.keep(body.select(swap, a.significand, b.significand));
    const large = e.keep(body.select(swap, b.significand, a.significand));
    const exponent = body.variable(I32);
    const high = body.variable(I64);
    const low = body.variable(I64);
    exponent.set(exponentOf(a).add(body.select(swap, distance, body.i32(0))));
    // What is shifted out of the smaller one; nothing for a distance of 0
    low.set(small.shl(1).shl(body.i64(63).sub(wide)));
    const aligned = e.keep(small.shrU(wide));
    const unlike = a.word.xor(b.word).and(SIGN);
    body.if(
      negate ? unlike.xor(SIGN) : unlike,
      () => {
        high.set(large.sub(aligned).sub(low.value.ne(0).extendU()));
        low.set(low.value.neg());
        const shift = e.keep(high.value.clz());
        high.set(high.value.shl(shift).or(low.value.shrU(1).shrU(body.i64(63).sub(shift))));
        low.set(low.value.shl(shift));
        exponent.set(exponent.value.sub(shift.wrap()));
        // Cancelled altogether
        body.branchUnlikely(high.value.geS(0), otherwise);
      },
      () => {
        high.set(large.add(aligned));
        body.if(high.value.ltU(large), () => {
          low.set(low.value.shrU(1).or(high.value.shl(63)));
          high.set(high.value.shrU(1).or(body.i64(INTEGER_BIT)));
          exponent.set(exponent.value.add(1));
        });
      },
    );
    const signB = negate ? b.word.xor(SIGN) : b.word;
    const sign = body.select(swap, signB, a.word).and(SIGN);
    return { sign, exponent: exponent.value, high: high.value, low: low.value };
  };
  const call = (): Value => e.pure('f80_add', a.significand, a.word, b.significand, b.word, e.i32(negate ? SIGN : 0));
  return result(e, stack, sum, call);
}
