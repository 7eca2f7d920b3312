// Sums and products of extended numbers in emitted code: a straight path for normal numbers under the control word that systems
// set (64-bit precision, to nearest, inexact results masked), the monitor's functions for all others. The straight
// path equals them bit for bit.
// Source: Intel SDM vol. 1 ch. 4.8.4 (rounding), 8.5.6 (PE, C1).

import type { Emitter } from '../../emitter/emitter.ts';
import { type Extended, STATUS_C1, type X87Stack } from '../../emitter/x87-stack.ts';
import type { Label } from '../../wasm/body.ts';
import { I32, I64 } from '../../wasm/encoding.ts';
import type { Value } from '../../wasm/value.ts';
import { expectUsualControl, resultWord } from './formats.ts';

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

/** A sum or product as it is done straight and otherwise. */
interface Ways {
  /** On normal numbers. Branches to the label where they are not for it. */
  straight(otherwise: Label): Exact;
  /** The result, exact, where one operand is zero, a or else b, and the other is normal. */
  ofZero(aIsZero: Value): Extended;
  /** A call that leaves the result's word in FPU_RESULT. */
  general(): Value;
}

/** The result of a and b, accepted by the stack. */
function result(e: Emitter, stack: X87Stack, a: Extended, b: Extended, ways: Ways): Extended {
  const { body } = e;
  const significand = body.variable(I64);
  const word = body.variable(I32);
  let normal = false;
  const straight = (otherwise: Label): void => {
    expectNormal(e, a, otherwise);
    expectNormal(e, b, otherwise);
    const { sign, exponent, high, low } = ways.straight(otherwise);
    // Up if above half an ulp, or at half of an odd number's
    const up = e.keep(low.gtU(body.i64(INTEGER_BIT).sub(high.and(1))));
    significand.set(high.add(up.extendU()));
    // A carry out of it is rare.
    body.branchUnlikely(significand.value.eqz(), otherwise);
    const biased = e.keep(exponent);
    body.branchUnlikely(biased.sub(1).geU(0x7ffe), otherwise);
    word.set(sign.or(biased));
    stack.rounded(low, up);
  };
  const withZero = (otherwise: Label): void => {
    const [aIsZero, bIsZero] = [a, b].map((number) => e.keep(isZero(number))) as [Value, Value];
    body.branchUnlikely(aIsZero.or(bIsZero).eqz(), otherwise);
    for (const [number, other] of [
      [a, bIsZero],
      [b, aIsZero],
    ] as const)
      body.if(other, () => expectNormal(e, number, otherwise));
    const exact = ways.ofZero(aIsZero);
    significand.set(exact.significand);
    word.set(exact.word);
    stack.rounded(body.i64(0), e.i32(0));
  };
  e.facts.usually(
    (otherwise) => {
      expectUsualControl(e, otherwise);
      if (a.normal && b.normal) {
        straight(otherwise);
        normal = e.facts.lasting;
        return;
      }
      body.block((done) => {
        body.block((other) => {
          straight(other);
          body.branch(done);
        });
        withZero(otherwise);
      });
    },
    () => {
      significand.set(ways.general());
      const returned = resultWord(e);
      stack.require(returned.geS(0));
      word.set(returned.and(0xffff));
      stack.status(STATUS_C1, returned.shrU(16));
    },
  );
  return { significand: significand.value, word: word.value, normal };
}

/** Not for the straight path: zeros, denormals, infinities, NaNs, operands with something to signal. */
function expectNormal(e: Emitter, number: Extended, otherwise: Label): void {
  const { body } = e;
  if (number.normal) return;
  body.branchUnlikely(number.word.add(1).and(0x7ffe).eqz(), otherwise);
  body.branchUnlikely(number.significand.geS(0), otherwise);
  if (number.signals) body.branchUnlikely(number.word.gtU(0xffff), otherwise);
}

function isZero({ significand, word }: Extended): Value {
  return significand.eqz().and(word.shl(17).eqz());
}

function exponentOf({ word }: Extended): Value {
  return word.and(0x7fff);
}

export function multiply(e: Emitter, stack: X87Stack, a: Extended, b: Extended): Extended {
  const { body } = e;
  const straight = (): Exact => {
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
    const whole = e.keep(high.ltS(0));
    return {
      sign: a.word.xor(b.word).and(SIGN),
      exponent: exponentOf(a).add(exponentOf(b)).sub(BIAS).add(whole),
      high: e.keep(body.select(whole, high, high.shl(1).or(low.shrU(63)))),
      low: e.keep(body.select(whole, low, low.shl(1))),
    };
  };
  return result(e, stack, a, b, {
    straight,
    ofZero: () => ({ significand: body.i64(0), word: e.keep(a.word.xor(b.word).and(SIGN)) }),
    general: () => e.pure('f80_multiply', a.significand, a.word, b.significand, b.word),
  });
}

/** a + b, or a - b if `negate`. */
export function add(e: Emitter, stack: X87Stack, a: Extended, b: Extended, negate: boolean): Extended {
  const { body } = e;
  const signed = ({ word }: Extended): Value => (negate ? word.xor(SIGN) : word);
  const straight = (otherwise: Label): Exact => {
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
    const sign = body.select(swap, signed(b), a.word).and(SIGN);
    return { sign, exponent: exponent.value, high: high.value, low: low.value };
  };
  return result(e, stack, a, b, {
    straight,
    ofZero: (aIsZero) => ({
      significand: e.keep(body.select(aIsZero, b.significand, a.significand)),
      word: e.keep(body.select(aIsZero, signed(b), a.word)),
    }),
    general: () => e.pure('f80_add', a.significand, a.word, b.significand, b.word, e.i32(negate ? SIGN : 0)),
  });
}
