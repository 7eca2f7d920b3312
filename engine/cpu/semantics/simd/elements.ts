// Single elements put into and taken out of vectors, and elements chosen by the bits of an immediate: PINSRx, PEXTRx,
// INSERTPS, blends. The translator knows the immediate; the interpreter builds the selection as it runs. SDM vol. 2.

import * as L from '../../abi/layout.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { I32, V128 } from '../../wasm/encoding.ts';
import { SIMD, type SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import {
  bytes,
  checkMmx,
  checkSse,
  defineSimd,
  defineSse,
  enterMmx,
  extract64,
  isMmx,
  packed,
  readAligned,
  readMmx,
  vector,
  writeMmx,
} from './operands.ts';

interface ElementType {
  size: number;
  splat: SimdOperation;
  equal: SimdOperation;
  extract: SimdOperation;
  replace: SimdOperation;
}

const BYTE: ElementType = {
  size: 1,
  splat: 'i8x16_splat',
  equal: 'i8x16_eq',
  extract: 'i8x16_extract_lane_u',
  replace: 'i8x16_replace_lane',
};
const WORD: ElementType = {
  size: 2,
  splat: 'i16x8_splat',
  equal: 'i16x8_eq',
  extract: 'i16x8_extract_lane_u',
  replace: 'i16x8_replace_lane',
};
const DWORD: ElementType = {
  size: 4,
  splat: 'i32x4_splat',
  equal: 'i32x4_eq',
  extract: 'i32x4_extract_lane',
  replace: 'i32x4_replace_lane',
};

/** Element n of a vector in every element. */
function repeated(e: Emitter, { size, splat }: ElementType, v: Value, n: Value): Value {
  const first = vector(e, splat, n.mul([0, 0x01, 0x0202, 0, 0x04040404][size]!));
  const places = vector(
    e,
    'i8x16_add',
    first,
    bytes(e, (i) => i % size),
  );
  return vector(e, 'i8x16_swizzle', v, places);
}

/** Element n of a vector, zero-extended. */
function elementAt(e: Emitter, type: ElementType, v: Value, n: Value): Value {
  const extract = (from: Value, lane: number): Value => e.body.simd(I32, SIMD[type.extract], [from], lane);
  return n.constant === undefined ? extract(repeated(e, type, v, n), 0) : extract(v, n.constant);
}

/** All ones in element n. */
function elementMask(e: Emitter, { size, splat, equal }: ElementType, n: Value): Value {
  const numbers = bytes(e, (i) => (i % size === 0 ? i / size : 0));
  return vector(e, equal, numbers, vector(e, splat, n));
}

function withElement(e: Emitter, type: ElementType, v: Value, n: Value, value: Value): Value {
  if (n.constant !== undefined) return e.body.simd(V128, SIMD[type.replace], [v, value], n.constant);
  return vector(e, 'v128_bitselect', vector(e, type.splat, value), v, elementMask(e, type, n));
}

/** The element's number: the immediate, cut to the elements of a register of `bytes` bytes. */
function number(e: Emitter, { size }: ElementType, registerBytes: number): Value {
  return e.keep(e.immediate().and(registerBytes / size - 1));
}

// ---- Insert and extract

for (const [mnemonic, type] of [
  ['PINSRB', BYTE],
  ['PINSRD', DWORD],
] as const)
  defineSse(mnemonic, (e) => {
    const value = e.read(1);
    e.writeSlot(0, withElement(e, type, e.read(0), number(e, type, 16), value));
  });
for (const [mnemonics, type] of [
  ['PEXTRB', BYTE],
  ['PEXTRD EXTRACTPS', DWORD],
] as const)
  defineSse(mnemonics, (e) => e.write(0, e.keep(elementAt(e, type, e.read(1), number(e, type, 16)))));

defineSimd('PINSRW', (e) => {
  const mmx = isMmx(e);
  if (mmx) checkMmx(e);
  else checkSse(e);
  const word = e.read(1);
  if (!mmx) {
    e.writeSlot(0, withElement(e, WORD, e.read(0), number(e, WORD, 16), word));
    return;
  }
  const target = readMmx(e, 0);
  enterMmx(e);
  writeMmx(e, 0, extract64(e, withElement(e, WORD, target, number(e, WORD, 8), word), 0));
});
defineSimd('PEXTRW', (e) => {
  if (e.size(1) === 16) {
    checkSse(e);
    e.write(0, e.keep(elementAt(e, WORD, e.read(1), number(e, WORD, 16))));
    return;
  }
  checkMmx(e);
  const word = e.keep(elementAt(e, WORD, readMmx(e, 1), number(e, WORD, 8)));
  enterMmx(e);
  e.write(0, word);
});

defineSse('INSERTPS', (e) => {
  const source = e.read(1);
  const value = e.isMemory(1)
    ? vector(e, 'i32x4_splat', source)
    : repeated(e, DWORD, source, e.keep(e.immediate().shrU(6).and(3)));
  const place = elementMask(e, DWORD, e.keep(e.immediate().shrU(4).and(3)));
  const inserted = vector(e, 'v128_bitselect', value, e.read(0), place);
  e.writeSlot(0, vector(e, 'v128_andnot', inserted, chosenElements(e, e.immediate(), 4)));
});

// ---- Blends

/** All ones in each element of `size` bytes (2, 4, 8) whose bit is set in `bits`. */
export function chosenElements(e: Emitter, bits: Value, size: number): Value {
  const ownBit = bytes(e, (n) => (n % 2 === 0 ? 1 << Math.floor(n / size) : 0));
  return vector(e, 'i16x8_eq', vector(e, 'v128_and', vector(e, 'i16x8_splat', bits), ownBit), ownBit);
}

for (const [mnemonic, size] of [
  ['PBLENDW', 2],
  ['BLENDPS', 4],
  ['BLENDPD', 8],
] as const)
  defineSse(mnemonic, (e) => {
    const b = readAligned(e, 1);
    e.writeSlot(0, vector(e, 'v128_bitselect', b, e.read(0), chosenElements(e, e.immediate(), size)));
  });

/** By the sign bits of XMM0's elements. */
for (const [mnemonic, shift, bits] of [
  ['PBLENDVB', 'i8x16_shr_s', 8],
  ['BLENDVPS', 'i32x4_shr_s', 32],
  ['BLENDVPD', 'i64x2_shr_s', 64],
] as const)
  defineSimd(mnemonic, (e) =>
    packed(e, (a, b) => {
      const mask = vector(e, shift, e.register(L.XMM, 16), e.i32(bits - 1));
      return vector(e, 'v128_bitselect', b, a, mask);
    }),
  );
