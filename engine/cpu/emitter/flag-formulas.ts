// The canonical form of the arithmetic flags (layout.ts) from an operation's operands and result, and conditions from it.

import { KIND_ADC, KIND_ADD, KIND_DEC, KIND_INC, KIND_LOGIC, KIND_SBB, KIND_SUB } from '../abi/flag-kinds.ts';
import type { Body } from '../wasm/body.ts';
import type { Value } from '../wasm/value.ts';

/** The operation that sets the flags, for `setFlags`. */
export type FlagOperation =
  | typeof KIND_ADD
  | typeof KIND_SUB
  | typeof KIND_ADC
  | typeof KIND_SBB
  | typeof KIND_LOGIC
  | typeof KIND_INC
  | typeof KIND_DEC;

export type Condition = 'O' | 'B' | 'E' | 'BE' | 'S' | 'P' | 'L' | 'LE';

/** aux of the canonical form (layout.ts) from operands and result of an operation. */
export function auxOf(body: Body, operation: number, size: number, a: Value, b: Value, r: Value): Value {
  const bits = size * 8;
  const align = (vector: Value): Value => {
    const top = bits === 32 ? vector : vector.shl(32 - bits);
    if (bits === 32) return top.and(~0x3ffffff7 | 0);
    return top.and(0xc0000000 | 0).or(vector.and(8));
  };
  switch (operation) {
    case KIND_ADD:
    case KIND_ADC:
      return align(body.keep(a.and(b).or(a.or(b).and(r.not()))));
    case KIND_SUB:
    case KIND_SBB:
      return align(body.keep(a.not().and(b).or(a.not().or(b).and(r))));
    case KIND_LOGIC:
      return body.i32(0);
    case KIND_INC:
    case KIND_DEC: {
      // b is the aux before: CF stays, so bit 30 is CF xor the new OF.
      const carry = b.and(0x80000000 | 0);
      const edge = operation === KIND_INC ? -(2 ** (bits - 1)) : 2 ** (bits - 1) - 1;
      const overflow = r.eq(edge).shl(30);
      const adjust = operation === KIND_INC ? r.and(15).eqz() : r.and(15).eq(15);
      return carry.or(carry.shrU(1).xor(overflow)).or(adjust.shl(3));
    }
  }
  throw new Error(`no flag operation ${operation}`);
}

/** A condition from canonical flags. */
export function conditionOf(condition: Condition, result: Value, aux: Value): Value {
  const sign = (): Value => result.xor(aux.shl(31));
  const overflow = (): Value => aux.xor(aux.shl(1));
  switch (condition) {
    case 'O':
      return overflow().ltS(0);
    case 'B':
      return aux.ltS(0);
    case 'E':
      return result.eqz();
    case 'BE':
      return aux.ltS(0).or(result.eqz());
    case 'S':
      return sign().ltS(0);
    case 'P':
      return result.xor(aux.shrU(8)).and(0xff).popcnt().and(1).eqz();
    case 'L':
      return sign().xor(overflow()).ltS(0);
    case 'LE':
      return sign().xor(overflow()).ltS(0).or(result.eqz());
  }
}
