// Near transfers: jumps, calls, returns, loops. Far ones and interrupts are the monitor's (system.ts).

import type { Value } from '../../wasm/body.ts';
import type { Emitter } from '../emitter.ts';
import * as L from '../layout.ts';
import { CONDITIONS } from './moves.ts';
import { define } from './registry.ts';

/** Near branches with a 16-bit operand size cut the target to 16 bits. */
function cut(e: Emitter, target: Value): Value {
  return e.keep(e.instruction.operandSize === 2 ? target.and(0xffff) : target);
}

define('JMP', { ends: true, sized: true }, (e) => e.jump(e.target()));
define('JMPI', { ends: true, sized: true }, (e) => e.jump(cut(e, e.read(0))));

for (const [suffix, condition, negated] of CONDITIONS)
  define(`J${suffix}`, { ends: true, sized: true, flags: 'reads' }, (e) =>
    e.jumpIf(negated ? e.condition(condition).eqz() : e.condition(condition)),
  );

define('CALL', { ends: true, sized: true, stack: true, mayFault: true }, (e) => {
  e.push(e.instruction.operandSize, e.keep(e.next()));
  e.jump(e.target());
});
define('CALLI', { ends: true, sized: true, stack: true, mayFault: true }, (e) => {
  const target = cut(e, e.read(0));
  e.push(e.instruction.operandSize, e.keep(e.next()));
  e.jump(target);
});
define('RET', { ends: true, sized: true, stack: true, mayFault: true }, (e) => {
  const size = e.instruction.operandSize;
  const target = e.top(size);
  e.release(e.instruction.operands.length > 0 ? e.immediate().add(size) : size);
  e.jump(target);
});

/** The counter of LOOP and JCXZ is as wide as the address. */
function counter(e: Emitter): Value {
  return e.register(L.RCX, e.instruction.addressSize);
}
function loop(condition: (e: Emitter, left: Value) => Value) {
  return (e: Emitter): void => {
    const left = counter(e).sub(1);
    const cutLeft = e.keep(left.zeroExtend(e.instruction.addressSize));
    const taken = e.keep(condition(e, cutLeft));
    e.setRegister(L.RCX, e.instruction.addressSize, cutLeft);
    e.jumpIf(taken);
  };
}
define(
  'LOOP',
  { ends: true, sized: true, address: true },
  loop((_e, left) => left.bool()),
);
define(
  'LOOPE',
  { ends: true, sized: true, address: true, flags: 'reads' },
  loop((e, left) => left.bool().and(e.condition('E'))),
);
define(
  'LOOPNE',
  { ends: true, sized: true, address: true, flags: 'reads' },
  loop((e, left) => left.bool().and(e.condition('E').eqz())),
);
define('JCXZ', { ends: true, sized: true, address: true }, (e) => e.jumpIf(counter(e).eqz()));
