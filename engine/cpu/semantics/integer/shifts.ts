// Shifts, rotates and double shifts. A count of 0 changes no flag. OF is set for every count by the rule that defines it
// for a count of 1, as processors do. SDM vol. 2, SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD.

import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';

/** aux with CF and (CF xor OF) given as 0/1 values. */
function carries(carry: Value, carryXorOverflow: Value): Value {
  return carry.shl(31).or(carryXorOverflow.shl(30));
}

function bit(value: Value, number: number | Value): Value {
  return value.shrU(number).and(1);
}

function count(e: Emitter, operand: number): Value {
  return e.keep(e.read(operand).and(31));
}

/** Shift: result and aux are wholly new. */
function shift(compute: (e: Emitter, a: Value, n: Value, bits: number) => { result: Value; aux: Value }) {
  return (e: Emitter): void => {
    const size = e.size();
    const a = e.modify(0);
    const n = count(e, 1);
    if (n.constant === 0) {
      e.commit(0, a);
      return;
    }
    const { result, aux } = compute(e, a, n, size * 8);
    const r = e.keep(result.signExtend(size));
    e.commit(0, n.constant === undefined ? e.body.select(n, r, a) : r);
    if (n.constant === undefined) e.setCanonicalIf(n, r, e.keep(aux));
    else e.setCanonical(r, e.keep(aux));
  };
}

define(
  'SHL',
  { flags: 'changes' },
  shift((e, a, n, bits) => {
    const result = e.keep(a.shl(n));
    const carry = bits === 32 ? bit(a, e.i32(32).sub(n)) : bit(result, bits);
    return { result, aux: carries(carry, bit(result, bits - 1)) };
  }),
);
define(
  'SHR',
  { flags: 'changes' },
  shift((e, a, n, bits) => {
    const result = e.keep(a.shrU(n));
    const carry = e.keep(bit(a.shrU(n.sub(1)), 0));
    // OF: the top bit changed. For a count of 1 that is the operand's top bit.
    const overflow = bit(result, bits - 2).xor(bit(result, bits - 1));
    return { result, aux: carries(carry, carry.xor(overflow)) };
  }),
);
define(
  'SAR',
  { flags: 'changes' },
  shift((e, a, n, bits) => {
    const extended = e.keep(a.signExtend(bits / 8));
    const carry = e.keep(bit(extended.shrS(n.sub(1)), 0));
    return { result: e.keep(extended.shrS(n)), aux: carries(carry, carry) };
  }),
);

/** Rotate: only CF and OF change. */
function rotate(
  compute: (e: Emitter, a: Value, n: Value, bits: number) => { result: Value; carry: Value; mixed: Value },
) {
  return (e: Emitter): void => {
    const size = e.size();
    const a = e.modify(0);
    const n = count(e, 1);
    if (n.constant === 0) {
      e.commit(0, a);
      return;
    }
    const { result, carry, mixed } = compute(e, a, n, size * 8);
    const aux = e.keep(e.aux().and(0x3fffffff).or(carries(carry, mixed)));
    const flags = e.result();
    e.commit(0, result);
    if (n.constant === undefined) e.setCanonicalIf(n, flags, aux);
    else e.setCanonical(flags, aux);
  };
}

/** Rotates an 8- or 16-bit value left by n modulo its width. */
function rotateNarrow(e: Emitter, a: Value, n: Value, bits: number): Value {
  const turn = e.keep(n.and(bits - 1));
  return e.keep(
    a
      .shl(turn)
      .or(a.shrU(e.i32(bits).sub(turn)))
      .zeroExtend(bits / 8),
  );
}

define(
  'ROL',
  { flags: 'changes' },
  rotate((e, a, n, bits) => {
    const result = bits === 32 ? e.keep(a.rotl(n)) : rotateNarrow(e, a, n, bits);
    return { result, carry: bit(result, 0), mixed: bit(result, bits - 1) };
  }),
);
define(
  'ROR',
  { flags: 'changes' },
  rotate((e, a, n, bits) => {
    const result = bits === 32 ? e.keep(a.rotr(n)) : rotateNarrow(e, a, e.keep(e.i32(32).sub(n)), bits);
    return { result, carry: bit(result, bits - 1), mixed: bit(result, bits - 2) };
  }),
);

/** Rotates through the carry: a (bits + 1)-bit value, in 64-bit arithmetic. */
function rotateCarry(left: boolean) {
  return (e: Emitter, a: Value, n: Value, bits: number): { result: Value; carry: Value; mixed: Value } => {
    const turn = bits === 32 ? n : e.keep(n.remU(bits + 1));
    const by = turn.extendU();
    const ring = e.keep(a.extendU().or(e.carry().extendU().shl(bits)));
    const rest = e
      .i32(bits + 1)
      .sub(turn)
      .extendU();
    const turned = e.keep(left ? ring.shl(by).or(ring.shrU(rest)) : ring.shrU(by).or(ring.shl(rest)));
    const result = e.keep(turned.wrap());
    const carry = e.keep(turned.shrU(bits).wrap().and(1));
    const top = bit(result, bits - 1);
    // RCL: OF = CF xor top bit. RCR: OF = the two top bits differ.
    const mixed = left ? top : carry.xor(top).xor(bit(result, bits - 2));
    return { result, carry, mixed };
  };
}
define('RCL', { flags: 'changes' }, rotate(rotateCarry(true)));
define('RCR', { flags: 'changes' }, rotate(rotateCarry(false)));

/** SHLD, SHRD. For 16 bits a count above 16 shifts the operands in turn, as processors do. */
function doubleShift(left: boolean) {
  return (e: Emitter): void => {
    const size = e.size();
    const bits = size * 8;
    const a = e.modify(0);
    const b = e.read(1);
    const n = count(e, 2);
    if (n.constant === 0) {
      e.commit(0, a);
      return;
    }
    const by = e.keep(n.extendU());
    const wide = (high: Value, low: Value): Value => high.extendU().shl(bits).or(low.extendU());
    let result: Value;
    let carry: Value;
    if (left) {
      // 16 bits: a:b:a, so that counts beyond 16 go on with the destination again.
      const source = bits === 32 ? wide(a, b) : wide(a, b).shl(16).or(a.extendU());
      const shifted = e.keep(e.keep(source).shl(by));
      result = e.keep(shifted.shrU(32).wrap());
      carry = bits === 32 ? bit(a, e.i32(32).sub(n)) : shifted.shrU(48).wrap().and(1);
    } else {
      const source = bits === 32 ? wide(b, a) : a.extendU().shl(32).or(wide(b, a));
      const kept = e.keep(source);
      result = e.keep(kept.shrU(by).wrap());
      carry = kept.shrU(n.sub(1).extendU()).wrap().and(1);
    }
    const r = e.keep(result.signExtend(size));
    const top = bit(r, bits - 1);
    const overflow = bit(a, bits - 1).xor(top);
    const keptCarry = e.keep(carry);
    e.commit(0, n.constant === undefined ? e.body.select(n, r, a) : r);
    const aux = e.keep(carries(keptCarry, keptCarry.xor(overflow)));
    if (n.constant === undefined) e.setCanonicalIf(n, r, aux);
    else e.setCanonical(r, aux);
  };
}
define('SHLD', { flags: 'changes' }, doubleShift(true));
define('SHRD', { flags: 'changes' }, doubleShift(false));
