// Numbers between memory's formats and the extended one, in emitted code: normal numbers inline, others by the monitor.
// Source: Intel SDM vol. 1 ch. 4.2.2 (formats), 4.8.4 (rounding).

import type { Value } from '../../wasm/body.ts';
import { I32, I64 } from '../../wasm/encoding.ts';
import type { Emitter } from '../emitter.ts';
import * as L from '../layout.ts';
import type { Extended } from '../x87-stack.ts';

const SIGN = 0x8000;
const INTEGER_BIT = 1n << 63n;
const EXTENDED_BIAS = 0x3fff;
const PE_SHIFT = 21;
const C1_SHIFT = 25;
/** Of the control word: rounding and the mask of PE; and to nearest with PE masked. */
const ROUNDING = 0xc20;
const NEAREST = 0x20;

interface Format {
  /** Bits of the significand below the implied one. */
  fraction: number;
  /** The exponent field of infinities. */
  maximum: number;
  from: 'f80_from_single' | 'f80_from_double';
  to: 'f80_to_single' | 'f80_to_double';
}

const SINGLE: Format = { fraction: 23, maximum: 0xff, from: 'f80_from_single', to: 'f80_to_single' };
const DOUBLE: Format = { fraction: 52, maximum: 0x7ff, from: 'f80_from_double', to: 'f80_to_double' };

function formatOf(bytes: number): Format {
  return bytes === 4 ? SINGLE : DOUBLE;
}

/** Difference of the two biases. */
function rebias({ maximum }: Format): number {
  return EXTENDED_BIAS - (maximum >> 1);
}

/** Kept word of the last result of a function on numbers, with its status bits. */
export function resultWord(e: Emitter): Value {
  return e.keep(e.body.load(4, e.cpu, L.FPU_RESULT));
}

/**
 * The number whose `bytes` (4 or 8) are `bits`; the word's upper half as in FPU_RESULT.
 * @param pushes whether it is pushed, so that NaNs are quieted and signalled, or an operand
 */
export function fromMemory(e: Emitter, bytes: number, bits: Value, pushes: boolean): Extended {
  const format = formatOf(bytes);
  const { body } = e;
  const significand = body.variable(I64);
  const word = body.variable(I32);
  const wide = e.keep(bytes === 4 ? bits.extendU() : bits);
  const exponent = e.keep(wide.shrU(format.fraction).wrap().and(format.maximum));
  body.if(
    exponent.sub(1).ltU(format.maximum - 1),
    () => {
      significand.set(wide.shl(63 - format.fraction).or(body.i64(INTEGER_BIT)));
      const sign = wide
        .shrU(bytes * 8 - 16)
        .wrap()
        .and(SIGN);
      word.set(exponent.add(rebias(format)).or(sign));
    },
    () => {
      significand.set(e.pure(format.from, bits, e.i32(pushes ? 1 : 0)));
      word.set(resultWord(e));
    },
  );
  return { significand: significand.value, word: word.value };
}

/** The `bytes` (4 or 8) of a number, rounded, and a word whose upper half is as in FPU_RESULT. */
export function toMemory(e: Emitter, bytes: number, number: Extended): { bits: Value; word: Value } {
  const format = formatOf(bytes);
  const { body } = e;
  const bits = body.variable(bytes === 4 ? I32 : I64);
  const word = body.variable(I32);
  const { significand } = number;
  const exponent = e.keep(number.word.and(0x7fff).sub(rebias(format) + 1));
  const rounding = body.load(4, e.cpu, L.FPU_CW).and(ROUNDING);
  // A carry into the exponent still gives a finite number.
  const ordinary = exponent
    .ltU(format.maximum - 2)
    .and(significand.shrU(63).wrap())
    .and(rounding.eq(NEAREST));
  body.if(
    ordinary,
    () => {
      const kept = e.keep(significand.shrU(63 - format.fraction));
      const rest = e.keep(significand.shl(format.fraction + 1));
      const up = e.keep(rest.gtU(body.i64(INTEGER_BIT).sub(kept.and(1))));
      const sign = number.word
        .and(SIGN)
        .extendU()
        .shl(bytes * 8 - 16);
      // The significand's integer bit adds 1 to the exponent field.
      const value = exponent.extendU().shl(format.fraction).add(kept).add(up.extendU()).or(sign);
      bits.set(bytes === 4 ? value.wrap() : value);
      word.set(rest.ne(0).shl(PE_SHIFT).or(up.shl(C1_SHIFT)));
    },
    () => {
      bits.set(e.pure(format.to, significand, number.word));
      word.set(resultWord(e));
    },
  );
  return { bits: bits.value, word: word.value };
}
