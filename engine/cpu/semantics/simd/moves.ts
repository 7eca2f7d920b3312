// MMX, SSE and SSE2 moves. SDM vol. 2.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import { DOUBLE, type Precision, SINGLE } from './formats.ts';
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
  scalar,
  writeAligned,
  writeMmx,
  zeroExtended,
} from './operands.ts';
import { lowScalar, withLow } from './scalar-floats.ts';

// ---- Whole registers

defineSse('MOVAPS MOVAPD MOVDQA MOVNTPS MOVNTPD MOVNTDQ', (e) => writeAligned(e, 0, readAligned(e, 1)));
defineSse('MOVUPS MOVUPD MOVDQU', (e) => e.write(0, e.read(1)));
defineSimd('MOVQ MOVNTQ', (e) => {
  checkMmx(e);
  const value = e.read(1);
  if (e.isMemory(0)) e.write(0, value);
  enterMmx(e);
  if (!e.isMemory(0)) writeMmx(e, 0, value);
});
define('MOVNTI', {}, (e) => e.write(0, e.read(1)));

// ---- Between general registers or memory and the low part of a register

defineSimd('MOVD', (e) => {
  const toVector = e.size(0) > 4;
  const mmx = e.size(toVector ? 0 : 1) === 8;
  if (mmx) checkMmx(e);
  else checkSse(e);
  const value = e.read(1);
  if (!toVector) e.write(0, mmx ? value.wrap() : extract32(e, value, 0));
  if (mmx) enterMmx(e);
  if (!toVector) return;
  if (mmx) writeMmx(e, 0, value.extendU());
  else e.writeSlot(0, zeroExtended(e, value));
});
defineSse('MOVQX', (e) => {
  const value = e.read(1);
  const low = e.size(1) === 8 ? value : e.keep(extract64(e, value, 0));
  if (e.isMemory(0)) e.write(0, low);
  else e.writeSlot(0, zeroExtended(e, low));
});
defineSimd('MOVQ2DQ', (e) => {
  checkSse(e);
  checkMmx(e);
  const value = e.read(1);
  enterMmx(e);
  e.writeSlot(0, zeroExtended(e, value));
});
defineSimd('MOVDQ2Q', (e) => {
  checkSse(e);
  checkMmx(e);
  const value = e.read(1);
  enterMmx(e);
  writeMmx(e, 0, extract64(e, value, 0));
});

/** MOVSS, MOVSD: between registers the low part alone, from memory zeros above it. */
function moveScalar(e: Emitter, precision: Precision): void {
  if (e.isMemory(0)) e.writeLow(0, e.readSlot(1));
  else if (e.isMemory(1)) e.writeSlot(0, e.readLow(1));
  else {
    const source = e.readSlot(1);
    const merged = withLow(e, precision, e.readSlot(0), lowScalar(e, precision, source).number);
    if (source.normalLow === precision.size) merged.normalLow = precision.size;
    e.writeSlot(0, merged);
  }
}
defineSse('MOVSS', (e) => moveScalar(e, SINGLE));
defineSse('MOVSD', (e) => moveScalar(e, DOUBLE));

// ---- Halves

function moveHalf(e: Emitter, lane: number): void {
  if (e.isMemory(0)) {
    e.write(0, e.keep(extract64(e, e.read(1), lane)));
    return;
  }
  const half = e.read(1);
  e.writeSlot(0, replace64(e, e.read(0), lane, half));
}
defineSse('MOVLPS MOVLPD', (e) => moveHalf(e, 0));
defineSse('MOVHPS MOVHPD', (e) => moveHalf(e, 1));
defineSse('MOVHLPS', (e) => e.writeSlot(0, replace64(e, e.read(0), 0, extract64(e, e.read(1), 1))));
defineSse('MOVLHPS', (e) => e.writeSlot(0, replace64(e, e.read(0), 1, extract64(e, e.read(1), 0))));

// ---- Masks

defineSse('MOVMSKPS', (e) => e.write(0, scalar(e, 'i32x4_bitmask', e.read(1))));
defineSse('MOVMSKPD', (e) => e.write(0, scalar(e, 'i64x2_bitmask', e.read(1))));
defineSimd('PMOVMSKB', (e) => {
  if (e.size(1) === 16) {
    checkSse(e);
    e.write(0, scalar(e, 'i8x16_bitmask', e.read(1)));
    return;
  }
  checkMmx(e);
  const mask = e.keep(scalar(e, 'i8x16_bitmask', zeroExtended(e, e.read(1))));
  enterMmx(e);
  e.write(0, mask);
});

function maskedStore(e: Emitter, size: number, low: Value, high: Value, mask: Value): void {
  const offset = e.register(L.RDI, 4);
  const linear = e.implicitLinear(e.instruction.addressSize === 2 ? offset.and(0xffff) : offset, size, true);
  e.monitor('mask_store', linear, low, high, mask, e.i32(size));
}
define('MASKMOVQ', { mayFault: true, address: true }, (e) => {
  checkMmx(e);
  const mask = e.keep(scalar(e, 'i8x16_bitmask', zeroExtended(e, e.read(1))));
  maskedStore(e, 8, e.read(0), e.body.i64(0), mask);
  enterMmx(e);
});
define('MASKMOVDQU', { mayFault: true, address: true }, (e) => {
  checkSse(e);
  const mask = e.keep(scalar(e, 'i8x16_bitmask', e.read(1)));
  const value = e.read(0);
  maskedStore(e, 16, extract64(e, value, 0), extract64(e, value, 1), mask);
});
