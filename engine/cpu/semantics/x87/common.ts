// The common case of the x87 instructions that programs are full of: operands there, a free register for a push, no exception
// that is not masked. Each is the case of the monitor's function of the same name (cpu/abi/x87-api.ts) in which nothing
// else has to be thought of; that function does all others.
// Source: Intel SDM vol. 1 ch. 8.3, vol. 2 of each instruction.

import * as L from '../../abi/layout.ts';
import type { FpuFunction } from '../../abi/x87-api.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { type Extended, STATUS_C1, STATUS_CODES, type X87Stack } from '../../emitter/x87-stack.ts';
import type { Value } from '../../wasm/value.ts';
import { add, multiply } from './arithmetic.ts';
import { acceptRounded, operandFromMemory, pushFromMemory, type Rounded, resultWord, toMemory } from './formats.ts';

const SIGN = 0x8000;
const EXCEPTIONS = 0x3f;
const ONE_WORD = 0x3fff;
const FLD1 = 0;
const FLDZ = 6;

/** The instruction at hand: its constant arguments and its memory operand (a value to load from, an address to store to). */
export interface X87Call {
  e: Emitter;
  stack: X87Stack;
  args: readonly Value[];
  operand: Value;
}

/** Emits it; the result if the call has one. */
type Common = (call: X87Call) => Value | undefined;

/** A number and status bits from a function on numbers; the word without its status bits is the number's. */
function accept({ e, stack }: X87Call, significand: Value): Extended {
  const kept = e.keep(significand);
  const word = resultWord(e);
  stack.require(word.geS(0));
  stack.status(STATUS_C1, word.shrU(16));
  return { significand: kept, word: e.keep(word.and(0xffff)) };
}

// ---- Arithmetic

/** a operation b; `operation` is the digit of D8: 0 add 1 mul 4 sub 5 subr 6 div 7 divr. */
function compute(call: X87Call, operation: number, a: Extended, b: Extended): Extended {
  const [x, y] = operation === 5 || operation === 7 ? [b, a] : [a, b];
  const { e, stack } = call;
  if (operation === 1) return multiply(e, stack, x, y);
  if (operation < 6) return add(e, stack, x, y, operation !== 0);
  return accept(call, e.pure('f80_divide', x.significand, x.word, y.significand, y.word));
}

function popTimes(stack: X87Stack, count: Value): void {
  for (let n = count.constant!; n > 0; n--) stack.pop();
}

function arithmeticWithMemory(operand: (call: X87Call) => Extended): Common {
  return (call) => {
    const { stack, args, e } = call;
    const a = stack.read(e.i32(0));
    const result = compute(call, args[0]!.constant!, a, operand(call));
    stack.write(e.i32(0), result);
    return undefined;
  };
}

const single = ({ e, operand }: X87Call): Extended => operandFromMemory(e, 4, operand);
const double = ({ e, operand }: X87Call): Extended => operandFromMemory(e, 8, operand);

function integer(bytes: number): (call: X87Call) => Extended {
  return ({ e, operand }) => {
    const wide = bytes === 8 ? operand : operand.signExtend(bytes).extendS();
    const significand = e.keep(e.pure('f80_from_integer', wide));
    return { significand, word: resultWord(e) };
  };
}

/** Replaces ST(0) by a function of itself. */
function replace(name: FpuFunction): Common {
  return (call) => {
    const { e, stack } = call;
    const { significand, word } = stack.read(e.i32(0));
    stack.write(e.i32(0), accept(call, e.pure(name, significand, word)));
    return undefined;
  };
}

function changeSign(change: (word: Value) => Value): Common {
  return ({ e, stack }) => {
    const { significand, word, normal } = stack.read(e.i32(0));
    stack.status(STATUS_C1);
    stack.write(e.i32(0), { significand, word: e.keep(change(word)), normal });
    return undefined;
  };
}

// ---- Comparison

function compare({ e, stack }: X87Call, b: Extended, unordered: Value): Value {
  const a = stack.read(e.i32(0));
  const outcome = e.keep(e.pure('f80_compare', a.significand, a.word, b.significand, b.word, unordered));
  stack.require(outcome.geS(0));
  return outcome;
}

function compareWithMemory(operand: (call: X87Call) => Extended): Common {
  return (call) => {
    const outcome = compare(call, operand(call), call.e.i32(0));
    call.stack.status(STATUS_CODES, outcome);
    popTimes(call.stack, call.args[0]!);
    return undefined;
  };
}

function zero(e: Emitter): Extended {
  return { significand: e.body.i64(0), word: e.i32(0) };
}

/** ZF, PF, CF as C3, C2, C0 of the outcome, in canonical form (layout.ts); OF, SF, AF clear. */
function flagsFrom(e: Emitter, outcome: Value): void {
  const equal = outcome.shrU(14);
  // The result 0 has even parity, 1 odd: the auxiliary word turns that around where PF is not ZF
  const flip = equal.xor(outcome.shrU(10)).and(1).shl(8);
  const carry = outcome
    .shl(23)
    .and(L.AUX_CF | 0)
    .or(outcome.shl(22).and(L.AUX_CF_OF));
  e.setCanonical(e.keep(equal.not().and(1)), e.keep(carry.or(flip)));
}

// ---- Loads and stores

function push(number: (call: X87Call) => Extended): Common {
  return (call) => {
    call.stack.requireRoom();
    call.stack.push(number(call));
    return undefined;
  };
}

function pushNumber(bytes: number): Common {
  return push(({ e, stack, operand }) => pushFromMemory(e, stack, bytes, operand));
}

function pushInteger(bytes: number): Common {
  return push((call) => {
    const number = integer(bytes)(call);
    call.stack.status(STATUS_C1);
    return number;
  });
}

/** Stores what ST(0) is rounded to. */
function store(bytes: number, round: (call: X87Call, number: Extended) => Rounded): Common {
  return (call) => {
    const { e, stack, args, operand } = call;
    const { bits, rest, up, raised } = round(call, stack.read(e.i32(0)));
    e.store(bytes, operand, bits);
    stack.status(0, raised);
    stack.rounded(rest, up);
    popTimes(stack, args[0]!);
    return undefined;
  };
}

function storeNumber(bytes: number): Common {
  return store(bytes, ({ e, stack }, number) => toMemory(e, stack, bytes, number));
}

function storeInteger(bytes: number): Common {
  return store(bytes, ({ e, stack, args }, { significand, word }) => {
    const wide = e.keep(e.pure('f80_to_integer', significand, word, e.i32(bytes * 8), args[1]!));
    return acceptRounded(e, stack, bytes === 8 ? wide : e.keep(wide.wrap()));
  });
}

/** What has a common case, by the monitor's function that does the rest. */
export const X87_COMMON: Partial<Record<FpuFunction, Common>> = {
  fpu_arith_st: (call) => {
    const { stack, args } = call;
    const [operation, destination, source, pops] = args as [Value, Value, Value, Value];
    const result = compute(call, operation.constant!, stack.read(destination), stack.read(source));
    stack.write(destination, result);
    popTimes(stack, pops);
    return undefined;
  },
  fpu_arith_m32: arithmeticWithMemory(single),
  fpu_arith_m64: arithmeticWithMemory(double),
  fpu_arith_i16: arithmeticWithMemory(integer(2)),
  fpu_arith_i32: arithmeticWithMemory(integer(4)),
  fpu_chs: changeSign((word) => word.xor(SIGN)),
  fpu_abs: changeSign((word) => word.and(SIGN - 1)),
  fpu_sqrt: replace('f80_square_root'),
  fpu_rndint: replace('f80_to_integral'),

  fpu_compare_st: (call) => {
    const [i, unordered, pops] = call.args as [Value, Value, Value];
    const outcome = compare(call, call.stack.read(i), unordered);
    call.stack.status(STATUS_CODES, outcome);
    popTimes(call.stack, pops);
    return undefined;
  },
  fpu_compare_flags: (call) => {
    const [i, unordered, pops] = call.args as [Value, Value, Value];
    const outcome = compare(call, call.stack.read(i), unordered);
    // C1 stays, as processors have it; the manuals differ.
    call.stack.status(0, outcome.and(EXCEPTIONS));
    flagsFrom(call.e, outcome);
    popTimes(call.stack, pops);
    return undefined;
  },
  fpu_compare_m32: compareWithMemory(single),
  fpu_compare_m64: compareWithMemory(double),
  fpu_compare_i16: compareWithMemory(integer(2)),
  fpu_compare_i32: compareWithMemory(integer(4)),
  fpu_test: (call) => {
    call.stack.status(STATUS_CODES, compare(call, zero(call.e), call.e.i32(0)));
    return undefined;
  },

  fpu_push_st: push(({ stack, args }) => {
    const number = stack.read(args[0]!);
    stack.status(STATUS_C1);
    return number;
  }),
  fpu_push_m32: pushNumber(4),
  fpu_push_m64: pushNumber(8),
  fpu_push_i16: pushInteger(2),
  fpu_push_i32: pushInteger(4),
  fpu_push_i64: pushInteger(8),
  fpu_store_st: ({ e, stack, args }) => {
    const number = stack.read(e.i32(0));
    stack.status(STATUS_C1);
    stack.write(args[0]!, number);
    popTimes(stack, args[1]!);
    return undefined;
  },
  fpu_store_m32: storeNumber(4),
  fpu_store_m64: storeNumber(8),
  fpu_store_i16: storeInteger(2),
  fpu_store_i32: storeInteger(4),
  fpu_store_i64: storeInteger(8),
  fpu_exchange: ({ e, stack, args }) => {
    const a = stack.read(e.i32(0));
    const b = stack.read(args[0]!);
    stack.status(STATUS_C1);
    stack.write(e.i32(0), b);
    stack.write(args[0]!, a);
    return undefined;
  },
  fpu_cmov: ({ e, stack, args }) => {
    const a = stack.read(e.i32(0));
    const b = stack.read(args[0]!);
    const condition = args[1]!;
    stack.write(e.i32(0), {
      significand: e.keep(e.body.select(condition, b.significand, a.significand)),
      word: e.keep(e.body.select(condition, b.word, a.word)),
    });
    return undefined;
  },

  fpu_stcw: ({ e }) => e.keep(e.body.load(4, e.cpu, L.FPU_CW)),
  fpu_stsw: ({ stack }) => stack.statusWord(),
};

/** FLD1 and FLDZ; the other constants depend on the rounding. */
export function pushConstant(n: number): Common | undefined {
  if (n !== FLD1 && n !== FLDZ) return undefined;
  return push(({ e, stack }) => {
    stack.status(STATUS_C1);
    return n === FLDZ ? zero(e) : { significand: e.body.i64(1n << 63n), word: e.i32(ONE_WORD) };
  });
}
