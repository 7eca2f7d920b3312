// Conversions of SSE and SSE2 between integers, single and double precision. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import { F64 } from '../../wasm/encoding.ts';
import type { Value } from '../../wasm/value.ts';
import {
  choose,
  constant,
  DOUBLE,
  denormal,
  everyLane,
  FORMATS,
  float,
  inexactIsSilent,
  ordinary,
  type Precision,
  plain,
  readSource,
  SINGLE,
  spread,
  truncationIsSilent,
  writeResult,
} from './formats.ts';
import {
  checkMmx,
  checkSse,
  defineSimd,
  defineSse,
  enterMmx,
  extract32,
  extract64,
  readAligned,
  replace64,
  vector,
  writeMmx,
} from './operands.ts';
import { withLow } from './scalar-floats.ts';

// ---- Between single and double precision

function toDouble(e: Emitter, source: Value, lanes: number): Value {
  return choose(
    e,
    vector(e, 'f64x2_promote_low_f32x4', source),
    () => everyLane(e, plain(e, SINGLE, source)),
    () => e.monitorValue('sse_single_to_double', e.i32(lanes), source),
  );
}

function toSingle(e: Emitter, source: Value, lanes: number): Value {
  const low = (v: Value): Value => vector(e, 'i64x2_splat', extract64(e, v, 0));
  return choose(
    e,
    vector(e, 'f32x4_demote_f64x2_zero', source),
    (quick) => {
      const unusual = vector(e, 'v128_not', ordinary(e, SINGLE, e.keep(low(quick))));
      const suspect = vector(e, 'v128_or', unusual, denormal(e, DOUBLE, source));
      return everyLane(e, vector(e, 'v128_not', suspect)).and(inexactIsSilent(e));
    },
    () => e.monitorValue('sse_double_to_single', e.i32(lanes), source),
  );
}

defineSse('CVTSS2SD', (e) => {
  const source = readSource(e, FORMATS.SS);
  writeResult(e, FORMATS.SD, e.read(0), toDouble(e, source, 1));
});
defineSse('CVTPS2PD', (e) => {
  const source = e.read(1);
  e.writeSlot(0, toDouble(e, spread(e, source), 2));
});
defineSse('CVTSD2SS', (e) => {
  const source = readSource(e, FORMATS.SD);
  writeResult(e, FORMATS.SS, e.read(0), toSingle(e, source, 1));
});
defineSse('CVTPD2PS', (e) => {
  const source = readAligned(e, 1);
  e.writeSlot(0, toSingle(e, source, 2));
});

// ---- From 32-bit integers

function integersToSingle(e: Emitter, source: Value, lanes: number): Value {
  return choose(
    e,
    vector(e, 'f32x4_convert_i32x4_s', source),
    () => inexactIsSilent(e),
    () => e.monitorValue('sse_integer_to_single', e.i32(lanes), source),
  );
}

/** Always exact. */
function integersToDouble(e: Emitter, source: Value): Value {
  return vector(e, 'f64x2_convert_low_i32x4_s', source);
}

defineSse('CVTSI2SS', (e) => {
  const source = spread(e, e.read(1));
  writeResult(e, FORMATS.SS, e.read(0), integersToSingle(e, source, 1));
});
defineSse('CVTSI2SD', (e) => {
  const number = e.keep(e.body.operation(F64, 0xb7, e.read(1)));
  const result = withLow(e, DOUBLE, e.read(0), number);
  result.normalLow = DOUBLE.size;
  e.writeSlot(0, result);
});
defineSse('CVTDQ2PS', (e) => e.writeSlot(0, integersToSingle(e, readAligned(e, 1), 4)));
defineSse('CVTDQ2PD', (e) => e.writeSlot(0, integersToDouble(e, spread(e, e.read(1)))));
defineSimd('CVTPI2PS', (e) => {
  checkSse(e);
  checkMmx(e);
  const source = spread(e, e.read(1));
  const result = integersToSingle(e, source, 2);
  enterMmx(e);
  e.writeSlot(0, replace64(e, e.read(0), 0, extract64(e, result, 0)));
});
defineSimd('CVTPI2PD', (e) => {
  checkSse(e);
  // Only an MMX register as source makes it an MMX instruction.
  const mmx = !e.isMemory(1);
  if (mmx) checkMmx(e);
  const source = spread(e, e.read(1));
  if (mmx) enterMmx(e);
  e.writeSlot(0, integersToDouble(e, source));
});

// ---- To 32-bit integers

/** The integers in the low lanes; the source must hold something in every lane. */
function toIntegers(e: Emitter, precision: Precision, source: Value, lanes: number, truncate: boolean): Value {
  const single = precision.size === 4;
  const whole = truncate ? source : float(e, precision, 'nearest', source);
  return choose(
    e,
    vector(e, single ? 'i32x4_trunc_sat_f32x4_s' : 'i32x4_trunc_sat_f64x2_s_zero', whole),
    (quick) => {
      const back = e.keep(vector(e, single ? 'f32x4_convert_i32x4_s' : 'f64x2_convert_low_i32x4_s', quick));
      // The limits themselves may be saturated; a NaN has become 0 and equals nothing.
      const limit = constant(e, precision, precision.two31 - (single ? 0n : 1n << 22n));
      const inRange = float(e, precision, 'lt', float(e, precision, 'abs', back), limit);
      const valid = vector(e, 'v128_and', inRange, float(e, precision, 'eq', source, source));
      const exact = everyLane(e, float(e, precision, 'eq', back, source));
      const silent = truncate ? truncationIsSilent(e) : inexactIsSilent(e);
      return everyLane(e, valid).and(silent.or(exact));
    },
    () =>
      e.monitorValue(
        single ? 'sse_single_to_integer' : 'sse_double_to_integer',
        e.i32(truncate ? 1 : 0),
        e.i32(lanes),
        source,
      ),
  );
}

for (const truncate of [false, true]) {
  const cvt = truncate ? 'CVTT' : 'CVT';
  for (const format of [FORMATS.SS, FORMATS.SD])
    defineSse(`${cvt}${format.size === 4 ? 'SS' : 'SD'}2SI`, (e) => {
      const source = readSource(e, format);
      e.write(0, e.keep(extract32(e, toIntegers(e, format, source, 1, truncate), 0)));
    });
  defineSse(`${cvt}PS2DQ`, (e) => e.writeSlot(0, toIntegers(e, SINGLE, readAligned(e, 1), 4, truncate)));
  defineSse(`${cvt}PD2DQ`, (e) => e.writeSlot(0, toIntegers(e, DOUBLE, readAligned(e, 1), 2, truncate)));
  for (const precision of [SINGLE, DOUBLE])
    defineSimd(`${cvt}${precision === SINGLE ? 'PS' : 'PD'}2PI`, (e) => {
      checkSse(e);
      checkMmx(e);
      const source = precision === SINGLE ? spread(e, e.read(1)) : readAligned(e, 1);
      const result = toIntegers(e, precision, source, 2, truncate);
      enterMmx(e);
      writeMmx(e, 0, extract64(e, result, 0));
    });
}
