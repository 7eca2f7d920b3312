// Numbers between memory's formats and the extended one, in emitted code: normal numbers inline, others by the monitor.
// Source: Intel SDM vol. 1 ch. 4.2.2 (formats), 4.8.4 (rounding).

import * as L from '../../abi/layout.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { type Extended, STATUS_C1, STATUS_C1_SHIFT, STATUS_PE, USUAL, type X87Stack } from '../../emitter/x87-stack.ts';
import type { Label } from '../../wasm/body.ts';
import { I32, I64 } from '../../wasm/encoding.ts';
import type { Value } from '../../wasm/value.ts';

const SIGN = 0x8000;
const INTEGER_BIT = 1n << 63n;
const EXTENDED_BIAS = 0x3fff;
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

/** The number whose `bytes` (4 or 8) are `bits`, as an operand. */
export function operandFromMemory(e: Emitter, bytes: number, bits: Value): Extended {
  let signals = false;
  const number = fromMemory(e, bytes, bits, false, (word) => {
    signals = true;
    return word;
  });
  return { ...number, signals };
}

/** The same to be pushed: NaNs are quieted, and what the number signals has been signalled. */
export function pushFromMemory(e: Emitter, stack: X87Stack, bytes: number, bits: Value): Extended {
  const number = fromMemory(e, bytes, bits, true, (word) => {
    stack.require(word.geS(0));
    stack.status(0, word.shrU(16));
    return word.and(0xffff);
  });
  stack.status(STATUS_C1);
  return number;
}

/** `others` takes the word of a number that is not normal from FPU_RESULT. */
function fromMemory(e: Emitter, bytes: number, bits: Value, pushes: boolean, others: (word: Value) => Value): Extended {
  const format = formatOf(bytes);
  const { body } = e;
  const significand = body.variable(I64);
  const word = body.variable(I32);
  const wide = e.keep(bytes === 4 ? bits.extendU() : bits);
  const exponent = e.keep(wide.shrU(format.fraction).wrap().and(format.maximum));
  let normal = false;
  e.facts.usually(
    (otherwise) => {
      body.branchUnlikely(exponent.sub(1).geU(format.maximum - 1), otherwise);
      significand.set(wide.shl(63 - format.fraction).or(body.i64(INTEGER_BIT)));
      const sign = wide
        .shrU(bytes * 8 - 16)
        .wrap()
        .and(SIGN);
      word.set(exponent.add(rebias(format)).or(sign));
      normal = e.facts.lasting;
    },
    () => {
      significand.set(e.pure(format.from, bits, e.i32(pushes ? 1 : 0)));
      word.set(others(resultWord(e)));
    },
  );
  return { significand: significand.value, word: word.value, normal };
}

/** Branches away under another control word than the one that systems set (64-bit precision, to nearest, PE masked). */
export function expectUsualControl(e: Emitter, otherwise: Label): void {
  e.facts.oncePerBlock(USUAL, () => {
    const usual = e.body.load(4, e.cpu, L.FPU_CW).and(0xf20).eq(0x320);
    e.body.branchUnlikely(usual.eqz(), otherwise);
  });
}

/** A number rounded to be stored: its bits, what they raise as in X87Stack.rounded, and other status bits. */
export interface Rounded {
  bits: Value;
  rest: Value;
  up: Value;
  raised: Value;
}

/** What FPU_RESULT says of a rounded number, once the stack has accepted it. */
export function acceptRounded(e: Emitter, stack: X87Stack, bits: Value): Rounded {
  const word = resultWord(e);
  stack.require(word.geS(0));
  const flags = e.keep(word.shrU(16));
  return {
    bits,
    rest: e.keep(flags.and(STATUS_PE).extendU()),
    up: e.keep(flags.shrU(STATUS_C1_SHIFT).and(1)),
    raised: e.keep(flags.and(~(STATUS_PE | STATUS_C1))),
  };
}

/** The `bytes` (4 or 8) of a number, rounded. */
export function toMemory(e: Emitter, stack: X87Stack, bytes: number, number: Extended): Rounded {
  const format = formatOf(bytes);
  const { body } = e;
  const bits = body.variable(bytes === 4 ? I32 : I64);
  const rest = body.variable(I64);
  const up = body.variable(I32);
  const raised = body.variable(I32);
  const { significand } = number;
  const exponent = e.keep(number.word.and(0x7fff).sub(rebias(format) + 1));
  e.facts.usually(
    (otherwise) => {
      expectUsualControl(e, otherwise);
      if (!number.normal) body.branchUnlikely(significand.geS(0), otherwise);
      // A carry into the exponent still gives a finite number.
      body.branchUnlikely(exponent.geU(format.maximum - 2), otherwise);
      const kept = e.keep(significand.shrU(63 - format.fraction));
      rest.set(significand.shl(format.fraction + 1));
      up.set(rest.value.gtU(body.i64(INTEGER_BIT).sub(kept.and(1))));
      const sign = number.word
        .and(SIGN)
        .extendU()
        .shl(bytes * 8 - 16);
      // The significand's integer bit adds 1 to the exponent field.
      const value = exponent.extendU().shl(format.fraction).add(kept).add(up.value.extendU()).or(sign);
      bits.set(bytes === 4 ? value.wrap() : value);
      raised.set(e.i32(0));
    },
    () => {
      bits.set(e.pure(format.to, significand, number.word));
      const rounded = acceptRounded(e, stack, bits.value);
      rest.set(rounded.rest);
      up.set(rounded.up);
      raised.set(rounded.raised);
    },
  );
  return { bits: bits.value, rest: rest.value, up: up.value, raised: raised.value };
}
