// RCPPS, RSQRTPS and their scalar forms. The processor's tables are not architectural, only a relative error of at most
// 1.5 × 2^-12 is; these results are the correctly rounded ones. Denormal operands count as zeros, denormal results become
// zeros, and no exception is raised or recorded. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import { constant, FORMATS, float, readSource, SINGLE, writeResult } from './formats.ts';
import { defineSse, vector } from './operands.ts';

const ONE = 0x3f800000n;
const SIGN = 0x80000000n;
const QUIET = 0x00400000n;
const DEFAULT_NAN = 0xffc00000n;

/** Denormal lanes become zeros of their sign. */
function flushed(e: Emitter, v: Value): Value {
  const small = float(e, SINGLE, 'lt', float(e, SINGLE, 'abs', v), constant(e, SINGLE, SINGLE.minimum));
  const sign = vector(e, 'v128_and', v, constant(e, SINGLE, SIGN));
  return e.keep(vector(e, 'v128_bitselect', sign, v, small));
}

function reciprocal(e: Emitter, v: Value): Value {
  return flushed(e, e.keep(float(e, SINGLE, 'div', constant(e, SINGLE, ONE), v)));
}

function reciprocalRoot(e: Emitter, v: Value): Value {
  const root = e.keep(float(e, SINGLE, 'div', constant(e, SINGLE, ONE), float(e, SINGLE, 'sqrt', v)));
  const negative = float(e, SINGLE, 'lt', v, constant(e, SINGLE, 0n));
  return e.keep(vector(e, 'v128_bitselect', constant(e, SINGLE, DEFAULT_NAN), root, negative));
}

for (const [mnemonic, approximate] of [
  ['RCP', reciprocal],
  ['RSQRT', reciprocalRoot],
] as const)
  for (const suffix of ['PS', 'SS'] as const)
    defineSse(mnemonic + suffix, (e) => {
      const format = FORMATS[suffix];
      const source = readSource(e, format);
      const result = approximate(e, flushed(e, source));
      const quieted = vector(e, 'v128_or', source, constant(e, SINGLE, QUIET));
      const number = float(e, SINGLE, 'eq', source, source);
      writeResult(e, format, e.read(0), e.keep(vector(e, 'v128_bitselect', result, quieted, number)));
    });
