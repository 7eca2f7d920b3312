// PCMPESTRx and PCMPISTRx (SSE4.2); the comparison itself is the monitor's. Memory need not be aligned. SDM vol. 2 ch. 4.1.

import * as L from '../../abi/layout.ts';
import { STRING_A_ENDS, STRING_B_ENDS } from '../../abi/simd-api.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import { checkSse } from './operands.ts';

const WORDS = 1;
const HIGHEST = 0x40;

/** Kept result of the comparison, as the monitor gives it. */
function compared(e: Emitter, explicit: boolean): Value {
  const b = e.read(1);
  const a = e.read(0);
  const immediate = e.immediate();
  if (!explicit) return e.monitorValue('sse_string_implicit', immediate, a, b);
  return e.monitorValue('sse_string_explicit', immediate, a, b, e.register(L.RAX, 4), e.register(L.RDX, 4));
}

/** CF: anything found, OF: in the first element, ZF: b ends, SF: a ends; AF PF clear. */
function setFlags(e: Emitter, outcome: Value): void {
  const notB = e.keep(outcome.and(STRING_B_ENDS).eqz());
  const carry = e.keep(outcome.and(0xffff).bool());
  const carryOverflow = carry.xor(outcome.and(1));
  const sign = outcome.and(STRING_A_ENDS).bool();
  // The parity byte makes the result's low byte odd, whatever it is.
  const aux = carry.shl(31).or(carryOverflow.shl(30)).or(notB.eqz().shl(8)).or(sign);
  e.setCanonical(notB, e.keep(aux));
}

/** Number of the lowest or highest element found, or the number of elements. */
function index(e: Emitter, outcome: Value): Value {
  const found = e.keep(outcome.and(0xffff));
  const lowest = found.ctz();
  const highest = e.i32(31).sub(found.clz());
  const chosen = e.body.select(e.immediate().and(HIGHEST), highest, lowest);
  const none = e.body.select(e.immediate().and(WORDS), e.i32(8), e.i32(16));
  return e.body.select(found, chosen, none);
}

for (const [letter, explicit] of [
  ['E', true],
  ['I', false],
] as const) {
  define(`PCMP${letter}STRI`, { mayFault: true, flags: 'sets' }, (e) => {
    checkSse(e);
    const outcome = compared(e, explicit);
    e.setRegister(L.RCX, 4, e.keep(index(e, outcome)));
    setFlags(e, outcome);
  });
  define(`PCMP${letter}STRM`, { mayFault: true, flags: 'sets' }, (e) => {
    checkSse(e);
    const outcome = compared(e, explicit);
    e.setRegister(L.XMM, 16, e.monitorValue('sse_string_mask', e.immediate(), outcome));
    setFlags(e, outcome);
  });
}
