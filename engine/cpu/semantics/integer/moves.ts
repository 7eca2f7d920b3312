// Moves, exchanges, conversions, stack instructions that move data. SDM vol. 2.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Condition } from '../../emitter/flag-formulas.ts';

define('MOV', {}, (e) => e.write(0, e.read(1)));
define('MOVZX', {}, (e) => e.write(0, e.read(1)));
define('MOVSX', {}, (e) => e.write(0, e.read(1).signExtend(e.size(1))));
define('LEA', {}, (e) => e.write(0, e.keep(e.effectiveAddress(1))));
define('XCHG', {}, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  e.commit(0, b, () => e.write(1, a));
});
define('BSWAP', {}, (e) => {
  // With a 16-bit operand the result is undefined; processors give 0.
  if (e.size() === 2) {
    e.write(0, e.i32(0));
    return;
  }
  const a = e.read(0);
  const outer = a.rotl(8).and(0x00ff00ff);
  const inner = a.rotr(8).and(0xff00ff00 | 0);
  e.write(0, e.keep(outer.or(inner)));
});
define('XLAT', { address: true, mayFault: true }, (e) => {
  const offset = e.register(L.RBX, 4).add(e.register(L.RAX, 1));
  const cut = e.keep(e.instruction.addressSize === 2 ? offset.and(0xffff) : offset);
  e.setRegister(L.RAX, 1, e.load(1, e.implicitLinear(cut, 1)));
});

export const CONDITIONS: readonly (readonly [suffix: string, condition: Condition, negated: boolean])[] = [
  ['O', 'O', false],
  ['NO', 'O', true],
  ['B', 'B', false],
  ['AE', 'B', true],
  ['E', 'E', false],
  ['NE', 'E', true],
  ['BE', 'BE', false],
  ['A', 'BE', true],
  ['S', 'S', false],
  ['NS', 'S', true],
  ['P', 'P', false],
  ['NP', 'P', true],
  ['L', 'L', false],
  ['GE', 'L', true],
  ['LE', 'LE', false],
  ['G', 'LE', true],
];

for (const [suffix, condition, negated] of CONDITIONS) {
  const holds = (e: Emitter) => (negated ? e.condition(condition).eqz() : e.condition(condition));
  define(`SET${suffix}`, { flags: 'reads' }, (e) => e.write(0, holds(e).bool()));
  define(`CMOV${suffix}`, { flags: 'reads' }, (e) => {
    // The source is read, and may fault, whether the condition holds or not.
    const source = e.read(1);
    const old = e.read(0);
    e.write(0, e.keep(e.body.select(holds(e), source, old)));
  });
}

define('PUSH', { stack: true, sized: true, mayFault: true }, (e) => {
  // imm8 and segment forms push the operand-size attribute; the operand carries that size.
  e.push(e.size() === 1 ? e.instruction.operandSize : e.size(), e.keep(e.read(0)));
});
define('POP', { stack: true, mayFault: true }, (e) => {
  const value = e.top(e.size());
  e.release(e.size());
  e.write(0, value);
});
define('POPE', { stack: true, mayFault: true }, (e) => {
  const size = e.size();
  const value = e.top(size);
  if (!e.isMemory(0)) {
    e.release(size);
    e.write(0, value);
    return;
  }
  // An address through ESP uses its value after the pop; a fault of the store must leave ESP alone.
  e.store(size, e.linearAfterPop(0, size), value);
  e.release(size);
});
define('LEAVE', { stack: true, sized: true, mayFault: true }, (e) => {
  const size = e.instruction.operandSize;
  const frame = e.register(L.RBP, 4);
  const value = e.stackLoad(frame, size);
  e.setStackPointer(e.keep(frame.add(size)));
  e.setRegister(L.RBP, size, value);
});
define('ENTER', { stack: true, sized: true, translatable: false }, (e) => {
  const immediate = e.keep(e.immediate());
  e.monitor('enter', e.i32(e.instruction.operandSize), immediate.and(0xffff), immediate.shrU(16).and(31));
});
define('PUSHA', { sized: true, translatable: false }, (e) => e.monitor('pusha', e.i32(e.instruction.operandSize)));
define('POPA', { sized: true, translatable: false }, (e) => e.monitor('popa', e.i32(e.instruction.operandSize)));

define('NOP PAUSE', {}, () => {});
// Memory operands of hint NOPs are not accessed.
define('NOPE', {}, () => {});
