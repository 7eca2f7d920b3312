// Decimal adjustment: DAA, DAS, AAA, AAS, AAM, AAD. SDM vol. 2. OF, undefined, is left 0.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';

/** Canonical flags of an 8-bit result with CF and AF given as 0/1, OF 0. */
function setDecimalFlags(e: Emitter, result: Value, carry: Value, adjust: Value): void {
  e.setCanonical(e.keep(result.signExtend(1)), e.keep(carry.shl(31).or(carry.shl(30)).or(adjust.shl(3))));
}

function adjustPacked(subtract: boolean) {
  return (e: Emitter): void => {
    const al = e.register(L.RAX, 1);
    const carry = e.carry();
    const low = e.keep(al.and(15).gtU(9).or(e.aux().shrU(3).and(1)));
    const high = e.keep(al.gtU(0x99).or(carry));
    const correction = e.keep(low.mul(6).add(high.mul(0x60)));
    const result = e.keep((subtract ? al.sub(correction) : al.add(correction)).and(0xff));
    // DAS: a borrow out of the low correction sets CF as well.
    const borrow = subtract ? e.keep(high.or(low.and(al.ltU(6)))) : high;
    e.setRegister(L.RAX, 1, result);
    setDecimalFlags(e, result, borrow, low);
  };
}
define('DAA', { flags: 'changes' }, adjustPacked(false));
define('DAS', { flags: 'changes' }, adjustPacked(true));

function adjustUnpacked(subtract: boolean) {
  return (e: Emitter): void => {
    const ax = e.register(L.RAX, 2);
    const adjust = e.keep(ax.and(15).gtU(9).or(e.aux().shrU(3).and(1)));
    // 106h at once: 6 to AL and 1 to AH, with the carry out of AL going into AH as processors do.
    const correction = adjust.mul(0x106);
    const sum = subtract ? ax.sub(correction) : ax.add(correction);
    const result = e.keep(sum.and(0xff0f));
    e.setRegister(L.RAX, 2, result);
    setDecimalFlags(e, e.keep(result.and(0xff)), adjust, adjust);
  };
}
define('AAA', { flags: 'changes' }, adjustUnpacked(false));
define('AAS', { flags: 'changes' }, adjustUnpacked(true));

const DIVIDE_ERROR = 0;
define('AAM', { flags: 'sets', mayFault: true }, (e) => {
  const base = e.keep(e.immediate().and(0xff));
  e.body.if(base.eqz(), () => e.exception(DIVIDE_ERROR));
  const al = e.register(L.RAX, 1);
  const low = e.keep(al.remU(base));
  e.setRegister(L.RAX, 2, e.keep(al.divU(base).shl(8).or(low)));
  setDecimalFlags(e, low, e.i32(0), e.i32(0));
});
define('AAD', { flags: 'sets' }, (e) => {
  const al = e.register(L.RAX, 1);
  const ah = e.register(L.RAX + 1, 1);
  const result = e.keep(ah.mul(e.immediate().and(0xff)).add(al).and(0xff));
  e.setRegister(L.RAX, 2, result);
  setDecimalFlags(e, result, e.i32(0), e.i32(0));
});
