// Near transfers: jumps, calls, returns, loops. Far ones and interrupts are the monitor's (system.ts).

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';
import { CONDITIONS } from './moves.ts';

const NEAR = { ends: true, sized: true, branches: true } as const;
const JUMP = { ...NEAR, transfer: 'jump' } as const;
const CALL = { ...NEAR, transfer: 'call', comesBack: true, stack: true, mayFault: true } as const;
const BRANCH = { ...NEAR, transfer: 'branch' } as const;

/** Near branches with a 16-bit operand size cut the target to 16 bits. */
function cut(e: Emitter, target: Value): Value {
  return e.keep(e.instruction.operandSize === 2 ? target.and(0xffff) : target);
}

/** The condition is evaluated once. */
function jumpIf(e: Emitter, condition: Value): void {
  const taken = e.instruction.limited ? e.keep(condition) : condition;
  e.checkTarget(() => e.target(), taken);
  e.jumpIf(taken);
}

define('JMP', JUMP, (e) => {
  e.checkTarget(() => e.target());
  e.jump(e.target());
});
define('JMPI', JUMP, (e) => {
  const target = cut(e, e.read(0));
  e.checkTarget(() => target);
  e.jump(target);
});

for (const [suffix, condition, negated] of CONDITIONS)
  define(`J${suffix}`, { ...BRANCH, flags: 'reads' }, (e) =>
    jumpIf(e, negated ? e.condition(condition).eqz() : e.condition(condition)),
  );

define('CALL', CALL, (e) => {
  e.checkTarget(() => e.target());
  e.push(e.instruction.operandSize, e.keep(e.next()));
  e.jump(e.target());
});
define('CALLI', CALL, (e) => {
  const target = cut(e, e.read(0));
  e.checkTarget(() => target);
  e.push(e.instruction.operandSize, e.keep(e.next()));
  e.jump(target);
});
define('RET', { ...NEAR, stack: true, mayFault: true }, (e) => {
  const size = e.instruction.operandSize;
  const target = e.top(size);
  e.checkTarget(() => target);
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
    e.checkTarget(() => e.target(), taken);
    e.setRegister(L.RCX, e.instruction.addressSize, cutLeft);
    e.jumpIf(taken);
  };
}
define(
  'LOOP',
  { ...BRANCH, address: true },
  loop((_e, left) => left.bool()),
);
define(
  'LOOPE',
  { ...BRANCH, address: true, flags: 'reads' },
  loop((e, left) => left.bool().and(e.condition('E'))),
);
define(
  'LOOPNE',
  { ...BRANCH, address: true, flags: 'reads' },
  loop((e, left) => left.bool().and(e.condition('E').eqz())),
);
define('JCXZ', { ...BRANCH, address: true }, (e) => jumpIf(e, counter(e).eqz()));
