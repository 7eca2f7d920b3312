// Instructions of MMX, SSE and SSE2 that only move elements about: pack, unpack, shuffle. Where an immediate
// picks the elements, the translator knows it and a fixed shuffle results; the interpreter builds the selection as it runs.
// SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import { V128 } from '../../wasm/encoding.ts';
import { SIMD, type SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import {
  bytes,
  checkMmx,
  defineSimd,
  defineSse,
  enterMmx,
  extract64,
  packed,
  readAligned,
  readMmx,
  replace32,
  vector,
  writeMmx,
} from './operands.ts';

// ---- Pack and unpack

/** Both operands' low quadwords one after the other. */
export function joined(e: Emitter, a: Value, b: Value): Value {
  return e.keep(e.body.shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]));
}

export function definePack(mnemonic: string, operation: SimdOperation): void {
  defineSimd(mnemonic, (e) =>
    packed(
      e,
      (a, b) => vector(e, operation, a, b),
      (a, b) => {
        const both = joined(e, a, b);
        return vector(e, operation, both, both);
      },
    ),
  );
}
definePack('PACKSSWB', 'i8x16_narrow_i16x8_s');
definePack('PACKSSDW', 'i16x8_narrow_i32x4_s');
definePack('PACKUSWB', 'i8x16_narrow_i16x8_u');

/** Elements of `size` bytes of the low or high half of a `width`-byte register, alternately from both operands. */
function interleave(e: Emitter, size: number, high: boolean, a: Value, b: Value, width: number): Value {
  const lanes = Array.from({ length: 16 }, (_, n) => {
    const element = n >> Math.log2(size);
    const from = (high ? width / 2 : 0) + (element >> 1) * size + (n % size);
    return (from % 16) + (element & 1) * 16;
  });
  return e.body.shuffle(a, b, lanes);
}
const INTERLEAVED: Record<string, number> = {
  'PUNPCKLBW PUNPCKHBW': 1,
  'PUNPCKLWD PUNPCKHWD': 2,
  'PUNPCKLDQ PUNPCKHDQ': 4,
  'PUNPCKLQDQ PUNPCKHQDQ': 8,
  'UNPCKLPS UNPCKHPS': 4,
  'UNPCKLPD UNPCKHPD': 8,
};
for (const [mnemonics, size] of Object.entries(INTERLEAVED))
  for (const mnemonic of mnemonics.split(' ')) {
    const high = mnemonic.includes('PCKH');
    defineSimd(mnemonic, (e) =>
      packed(
        e,
        (a, b) => interleave(e, size, high, a, b, 16),
        (a, b) => interleave(e, size, high, a, b, 8),
      ),
    );
  }

// ---- Selection by an immediate of four two-bit numbers

/** Number `n` of the immediate. */
function choice(e: Emitter, n: number): Value {
  return e
    .immediate()
    .shrU(2 * n)
    .and(3);
}

/** Bytes that i8x16.swizzle takes to put dword choice(n) of a vector at dword n. */
function dwordSelection(e: Emitter): Value {
  let selection = bytes(e, (n) => n);
  for (let n = 0; n < 4; n++) selection = replace32(e, selection, n, choice(e, n).mul(0x04040404).add(0x03020100));
  return e.keep(selection);
}

function shuffleDwords(e: Emitter, a: Value, b: Value): Value {
  const { constant } = e.immediate();
  if (constant !== undefined)
    return e.body.shuffle(
      a,
      b,
      Array.from({ length: 16 }, (_, n) => ((constant >> ((n >> 2) * 2)) & 3) * 4 + (n & 3) + (n < 8 ? 0 : 16)),
    );
  const selection = dwordSelection(e);
  return e.body.shuffle(
    vector(e, 'i8x16_swizzle', a, selection),
    vector(e, 'i8x16_swizzle', b, selection),
    [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31],
  );
}

/** The words of one half (first word 0 or 4) chosen by the immediate, the other half as it is. */
function shuffleWords(e: Emitter, a: Value, first: number): Value {
  const { constant } = e.immediate();
  if (constant !== undefined)
    return e.body.shuffle(
      a,
      a,
      Array.from({ length: 16 }, (_, n) => {
        const word = (n >> 1) - first;
        return word < 0 || word > 3 ? n : (((constant >> (word * 2)) & 3) + first) * 2 + (n & 1);
      }),
    );
  let selection = bytes(e, (n) => n);
  for (let n = 0; n < 4; n++) {
    const pair = choice(e, n)
      .mul(0x0202)
      .add(0x0100 + first * 0x0202);
    selection = e.body.simd(V128, SIMD.i16x8_replace_lane, [selection, pair], first + n);
  }
  return vector(e, 'i8x16_swizzle', a, selection);
}

defineSse('PSHUFD', (e) => {
  const b = readAligned(e, 1);
  e.writeSlot(0, shuffleDwords(e, b, b));
});
defineSse('SHUFPS', (e) => {
  const b = readAligned(e, 1);
  e.writeSlot(0, shuffleDwords(e, e.read(0), b));
});
defineSse('SHUFPD', (e) => {
  const b = readAligned(e, 1);
  const a = e.read(0);
  const half = (v: Value, bit: number): Value => {
    const high = e.immediate().shrU(bit).and(1);
    return e.body.select(high, extract64(e, v, 1), extract64(e, v, 0));
  };
  e.writeSlot(0, e.body.vectorOf(half(a, 0), half(b, 1)));
});
defineSse('PSHUFLW', (e) => e.writeSlot(0, shuffleWords(e, readAligned(e, 1), 0)));
defineSse('PSHUFHW', (e) => e.writeSlot(0, shuffleWords(e, readAligned(e, 1), 4)));
defineSimd('PSHUFW', (e) => {
  checkMmx(e);
  const b = readMmx(e, 1);
  enterMmx(e);
  writeMmx(e, 0, extract64(e, shuffleWords(e, b, 0), 0));
});
