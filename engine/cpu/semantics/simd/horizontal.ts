// SSE3: horizontal and alternating floating-point arithmetic, duplicating moves. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import { arithmetic, fitsArithmetic, quickOrExact } from './arithmetic.ts';
import { FORMATS, type Format, float, readSource } from './formats.ts';
import { bytes, defineSse, readAligned, vector } from './operands.ts';

/** Every second element (from `odd` on) of a, then of b. */
export function everySecond(e: Emitter, size: number, odd: 0 | 1, a: Value, b: Value): Value {
  const lanes = Array.from({ length: 16 }, (_, n) => (2 * Math.floor(n / size) + odd) * size + (n % size));
  return e.keep(e.body.shuffle(a, b, lanes));
}

/** Neighbours added or subtracted, a's below b's. Kept. */
export function horizontal(e: Emitter, format: Format, operation: 'ADD' | 'SUB', a: Value, b: Value): Value {
  const { size } = format;
  return arithmetic(e, format, operation, everySecond(e, size, 0, a, b), everySecond(e, size, 1, a, b));
}

for (const suffix of ['PS', 'PD'] as const) {
  const format = FORMATS[suffix];
  for (const operation of ['ADD', 'SUB'] as const)
    defineSse(`H${operation}${suffix}`, (e) => {
      const b = readSource(e, format);
      e.writeSlot(0, horizontal(e, format, operation, e.read(0), b));
    });
  defineSse(`ADDSUB${suffix}`, (e) => {
    const b = readSource(e, format);
    const a = e.read(0);
    const { size } = format;
    const evenSigns = bytes(e, (n) => (n % (2 * size) === size - 1 ? 0x80 : 0));
    const quick = float(e, format, 'add', a, vector(e, 'v128_xor', b, evenSigns));
    e.writeSlot(0, quickOrExact(e, format, 'ADDSUB', a, b, quick, fitsArithmetic(e, format, a, b, true)));
  });
}

function duplicate(e: Emitter, odd: 0 | 1): void {
  const source = readAligned(e, 1);
  const lanes = Array.from({ length: 16 }, (_, n) => (Math.floor(n / 8) * 2 + odd) * 4 + (n % 4));
  e.writeSlot(0, e.body.shuffle(source, source, lanes));
}
defineSse('MOVSLDUP', (e) => duplicate(e, 0));
defineSse('MOVSHDUP', (e) => duplicate(e, 1));
defineSse('MOVDDUP', (e) => e.writeSlot(0, vector(e, 'i64x2_splat', e.read(1))));
defineSse('LDDQU', (e) => e.writeSlot(0, e.read(1)));
