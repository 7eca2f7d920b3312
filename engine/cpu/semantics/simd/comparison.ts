// Floating-point comparisons of SSE and SSE2. SDM vol. 2.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { I32 } from '../../wasm/encoding.ts';
import type { Value } from '../../wasm/value.ts';
import {
  choose,
  constant,
  everyLane,
  FORMATS,
  type Format,
  firstOperand,
  float,
  plain,
  readSource,
  writeResult,
} from './formats.ts';
import { checkSse, defineSse, vector } from './operands.ts';
import { calculate, isDenormal, isExtraordinary, isNan, lowScalar, scalarSource, withLow } from './scalar-floats.ts';

const NEGATED = 4;

/** The mask of a predicate for operands without NaNs. */
function compared(e: Emitter, format: Format, predicate: number, a: Value, b: Value): Value {
  const name = ['eq', 'lt', 'le'][predicate & 3];
  const positive = name ? float(e, format, name, a, b) : constant(e, format, 0n);
  return predicate & NEGATED ? vector(e, 'v128_not', positive) : positive;
}

for (const [suffix, format] of Object.entries(FORMATS)) {
  defineSse(`CMP${suffix}`, (e) => {
    const b = readSource(e, format);
    const register = e.read(0);
    const a = firstOperand(e, format, register);
    const predicate = e.keep(e.immediate().and(7));
    const exact = (): Value => e.monitorValue(`sse_compare${format.bits}`, predicate, e.i32(format.lanes), a, b);
    if (predicate.constant === undefined) {
      writeResult(e, format, register, exact());
      return;
    }
    const quick = compared(e, format, predicate.constant, a, b);
    const fits = (): Value => everyLane(e, vector(e, 'v128_and', plain(e, format, a), plain(e, format, b)));
    writeResult(e, format, register, choose(e, quick, fits, exact));
  });
}

const AUX_EVEN_PARITY_OFF = 0x100;
const LESS = 1;
const EQUAL = 2;
const CARRY = L.AUX_CF | L.AUX_CF_OF;

/** ZF PF CF from the relation: 0 greater, LESS, EQUAL, both: unordered; OF SF AF are cleared. */
function setOrderFlags(e: Emitter, relation: Value): void {
  const result = relation.shrU(1).xor(1);
  const carry = e.body.select(relation.and(LESS), e.i32(CARRY), e.i32(0));
  const ordered = relation.eq(EQUAL).mul(AUX_EVEN_PARITY_OFF);
  e.setCanonical(e.keep(result), e.keep(carry.or(ordered)));
}

/** COMISS signals quiet NaNs too. */
function defineOrder(mnemonic: string, format: Format, signaling: boolean): void {
  define(mnemonic, { mayFault: true, flags: 'sets' }, (e) => {
    checkSse(e);
    const b = scalarSource(e, format);
    const register = e.read(0);
    const a = lowScalar(e, format, register);
    const relation = e.body.variable(I32);
    const less = calculate(e, format, 'LT', a.number, b.number);
    e.facts.usually(
      (otherwise) => {
        for (const operand of [a, b])
          e.body.unlikely(isExtraordinary(format, operand), () => {
            e.body.branchIf(isNan(e, format, operand), otherwise);
            if (!operand.normal) e.body.branchIf(isDenormal(e, format, operand), otherwise);
          });
        relation.set(less.or(calculate(e, format, 'EQ', a.number, b.number).shl(1)));
      },
      () => {
        const source = withLow(e, format, register, b.number);
        relation.set(e.monitorValue(`sse_order${format.bits}`, e.i32(signaling ? 1 : 0), register, source));
      },
    );
    setOrderFlags(e, relation.value);
  });
}
defineOrder('UCOMISS', FORMATS.SS, false);
defineOrder('UCOMISD', FORMATS.SD, false);
defineOrder('COMISS', FORMATS.SS, true);
defineOrder('COMISD', FORMATS.SD, true);
