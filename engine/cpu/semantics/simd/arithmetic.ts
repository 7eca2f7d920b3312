// Floating-point arithmetic of SSE and SSE2. SDM vol. 2; MXCSR: vol. 1 ch. 10.2.3, 11.5.

import { SSE_OPERATION } from '../../abi/simd-api.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import {
  choose,
  constant,
  denormal,
  everyLane,
  FORMATS,
  type Format,
  firstOperand,
  float,
  inexactIsSilent,
  ordinary,
  plain,
  readSource,
  SILENT,
  writeResult,
} from './formats.ts';
import { defineSse, vector } from './operands.ts';
import {
  calculate,
  isDenormal,
  isExtraordinary,
  isZero,
  lowScalar,
  scalarOfNumber,
  scalarSource,
  withLow,
} from './scalar-floats.ts';

type Operation = keyof typeof SSE_OPERATION;

/** `quick` if `fits`, else what the monitor makes of a and b. Kept. */
export function quickOrExact(
  e: Emitter,
  format: Format,
  operation: Operation,
  a: Value,
  b: Value,
  quick: Value,
  fits: (quick: Value) => Value,
): Value {
  const number = SSE_OPERATION[operation];
  return choose(e, quick, fits, () =>
    e.monitorValue(`sse_arith${format.bits}`, e.i32(number), e.i32(format.lanes), a, b),
  );
}

/** Whether adding, multiplying or dividing has raised nothing but perhaps an inexactness that shows nowhere. */
export function fitsArithmetic(e: Emitter, format: Format, a: Value, b: Value, zeroIsExact: boolean) {
  return (quick: Value): Value => {
    const ruled = ordinary(e, format, quick);
    const zero = float(e, format, 'eq', quick, constant(e, format, 0n));
    const harmless = zeroIsExact ? vector(e, 'v128_or', ruled, zero) : ruled;
    const denormals =
      a === b ? denormal(e, format, b) : vector(e, 'v128_or', denormal(e, format, a), denormal(e, format, b));
    return everyLane(e, vector(e, 'v128_andnot', harmless, denormals)).and(inexactIsSilent(e));
  };
}

/** a op b on kept operands, kept. */
export function arithmetic(e: Emitter, format: Format, operation: Operation, a: Value, b: Value): Value {
  const quick = float(e, format, operation.toLowerCase(), a, b);
  // A sum or difference of normal numbers is zero only if it is so exactly.
  const zeroIsExact = operation === 'ADD' || operation === 'SUB';
  return quickOrExact(e, format, operation, a, b, quick, fitsArithmetic(e, format, a, b, zeroIsExact));
}

/** The same for lane 0 of register operand 0 and the source, into that lane. */
function scalarArithmetic(e: Emitter, format: Format, operation: 'ADD' | 'SUB' | 'MUL' | 'DIV' | 'SQRT'): void {
  const { body } = e;
  const b = scalarSource(e, format);
  const register = e.read(0);
  const root = operation === 'SQRT';
  const a = root ? b : lowScalar(e, format, register);
  const operands = root ? [b] : [a, b];
  const unknown = operands.filter(({ normal }) => !normal);
  const silent = inexactIsSilent(e);
  const write = (register: Value): void => {
    register.normalLow = format.size;
    e.writeSlot(0, register);
  };
  e.facts.usually(
    (otherwise) => {
      e.facts.oncePerBlock(SILENT, () => body.branchUnlikely(silent.eqz(), otherwise));
      for (const operand of unknown)
        body.unlikely(isExtraordinary(format, operand), () => body.branchIf(isDenormal(e, format, operand), otherwise));
      const numbers = operands.map(({ number }) => number);
      const quick = scalarOfNumber(e, format, calculate(e, format, operation, ...numbers));
      body.unlikely(isExtraordinary(format, quick), () => {
        body.branchIf(isZero(quick).eqz(), otherwise);
        // A sum, a difference or a root is zero only if it is so exactly, a product or quotient if an operand is.
        if (operation === 'MUL') body.branchIf(isZero(a).or(isZero(b)).eqz(), otherwise);
        if (operation === 'DIV') body.branchIf(isZero(a).eqz(), otherwise);
      });
      write(withLow(e, format, register, quick.number));
    },
    () => {
      const source = withLow(e, format, register, b.number);
      const number = e.i32(SSE_OPERATION[operation]);
      const exact = e.monitorValue(`sse_arith${format.bits}`, number, e.i32(format.lanes), register, source);
      write(exact);
      const denormal = unknown.reduce(
        (some, operand) => some.or(isDenormal(e, format, operand)),
        isDenormal(e, format, lowScalar(e, format, exact)),
      );
      e.facts.leaveIf(denormal);
    },
  );
  if (!e.isMemory(1)) e.facts.noteNormalLow(1, format.size);
}

for (const [suffix, format] of Object.entries(FORMATS)) {
  if (!format.packed) {
    for (const operation of ['ADD', 'MUL', 'SUB', 'DIV', 'SQRT'] as const)
      defineSse(operation + suffix, (e) => scalarArithmetic(e, format, operation));
  } else {
    for (const operation of ['ADD', 'MUL', 'SUB', 'DIV'] as const)
      defineSse(operation + suffix, (e) => {
        const b = readSource(e, format);
        const register = e.read(0);
        writeResult(e, format, register, arithmetic(e, format, operation, firstOperand(e, format, register), b));
      });

    defineSse(`SQRT${suffix}`, (e) => {
      const b = readSource(e, format);
      const quick = float(e, format, 'sqrt', b);
      const result = quickOrExact(e, format, 'SQRT', b, b, quick, fitsArithmetic(e, format, b, b, true));
      writeResult(e, format, e.read(0), result);
    });
  }

  for (const operation of ['MIN', 'MAX'] as const)
    defineSse(operation + suffix, (e) => {
      const b = readSource(e, format);
      const register = e.read(0);
      const a = firstOperand(e, format, register);
      // pmin(x, y) is y < x ? y : x, MINPS a < b ? a : b.
      const quick = float(e, format, `p${operation.toLowerCase()}`, b, a);
      const fits = (): Value => everyLane(e, vector(e, 'v128_and', plain(e, format, a), plain(e, format, b)));
      writeResult(e, format, register, quickOrExact(e, format, operation, a, b, quick, fits));
    });
}
