// ROUNDPS and its kin (SSE4.1). Immediate: bits 0..1 rounding, bit 2 MXCSR's rounding instead, bit 3 no precision
// exception. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import {
  choose,
  everyLane,
  FORMATS,
  type Format,
  float,
  inexactIsSilent,
  plain,
  readSource,
  truncationIsSilent,
  writeResult,
} from './formats.ts';
import { defineSse } from './operands.ts';

const ROUNDINGS = ['nearest', 'floor', 'ceil', 'trunc'];
const USES_MXCSR = 4;
const SUPPRESSES_PRECISION = 8;

/** Whether rounding kept source to `quick` went without a trace. */
function fits(e: Emitter, format: Format, immediate: number, source: Value, quick: Value): Value {
  const ordinary = everyLane(e, plain(e, format, source));
  if (immediate & USES_MXCSR) return ordinary.and(inexactIsSilent(e));
  if (immediate & SUPPRESSES_PRECISION) return ordinary;
  return ordinary.and(truncationIsSilent(e).or(everyLane(e, float(e, format, 'eq', quick, source))));
}

for (const [suffix, format] of Object.entries(FORMATS))
  defineSse(`ROUND${suffix}`, (e) => {
    const source = readSource(e, format);
    const register = e.read(0);
    const immediate = e.keep(e.immediate());
    const exact = (): Value => e.monitorValue(`sse_round${format.bits}`, immediate, e.i32(format.lanes), source);
    if (immediate.constant === undefined) {
      writeResult(e, format, register, exact());
      return;
    }
    const { constant } = immediate;
    const rounding = constant & USES_MXCSR ? 0 : constant & 3;
    const rounded = float(e, format, ROUNDINGS[rounding]!, source);
    const result = choose(e, rounded, (quick) => fits(e, format, constant, source, quick), exact);
    writeResult(e, format, register, result);
  });
