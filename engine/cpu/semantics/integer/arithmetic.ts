// Addition, subtraction, logic, multiplication, division. SDM vol. 2; flags as in vol. 1 §3.4.3.1.

import { KIND_ADC, KIND_ADD, KIND_DEC, KIND_INC, KIND_LOGIC, KIND_SBB, KIND_SUB } from '../../abi/flag-kinds.ts';
import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';

const DIVIDE_ERROR = 0;

function logic(combine: (a: Value, b: Value) => Value): (e: Emitter) => void {
  return (e) => {
    const a = e.modify(0);
    const b = e.read(1);
    const r = e.keep(combine(a, b).signExtend(e.size()));
    e.commit(0, r);
    e.setFlags(KIND_LOGIC, e.size(), r, r, r);
  };
}

define('ADD', { flags: 'sets' }, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  const r = e.keep(a.add(b).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_ADD, e.size(), a, b, r);
});
define('ADC', { flags: 'changes' }, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  const r = e.keep(a.add(b).add(e.carry()).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_ADC, e.size(), a, b, r);
});
define('SUB', { flags: 'sets' }, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  const r = e.keep(a.sub(b).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_SUB, e.size(), a, b, r);
});
define('SBB', { flags: 'changes' }, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  const r = e.keep(a.sub(b).sub(e.carry()).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_SBB, e.size(), a, b, r);
});
define('CMP', { flags: 'sets' }, (e) => {
  const a = e.read(0);
  const b = e.read(1);
  e.setFlags(KIND_SUB, e.size(), a, b, e.keep(a.sub(b).signExtend(e.size())));
});
define(
  'AND',
  { flags: 'sets' },
  logic((a, b) => a.and(b)),
);
define(
  'OR',
  { flags: 'sets' },
  logic((a, b) => a.or(b)),
);
define(
  'XOR',
  { flags: 'sets' },
  logic((a, b) => a.xor(b)),
);
define('TEST', { flags: 'sets' }, (e) => {
  const r = e.keep(e.read(0).and(e.read(1)).signExtend(e.size()));
  e.setFlags(KIND_LOGIC, e.size(), r, r, r);
});
define('NOT', {}, (e) => e.commit(0, e.modify(0).not()));
define('NEG', { flags: 'sets' }, (e) => {
  const a = e.modify(0);
  const r = e.keep(e.i32(0).sub(a).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_SUB, e.size(), e.i32(0), a, r);
});
define('INC', { flags: 'changes' }, (e) => {
  const a = e.modify(0);
  const before = e.aux();
  const r = e.keep(a.add(1).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_INC, e.size(), a, before, r);
});
define('DEC', { flags: 'changes' }, (e) => {
  const a = e.modify(0);
  const before = e.aux();
  const r = e.keep(a.sub(1).signExtend(e.size()));
  e.commit(0, r);
  e.setFlags(KIND_DEC, e.size(), a, before, r);
});
define('XADD', { flags: 'sets' }, (e) => {
  const a = e.modify(0);
  const b = e.read(1);
  const r = e.keep(a.add(b).signExtend(e.size()));
  e.commit(0, r, () => e.write(1, a));
  e.setFlags(KIND_ADD, e.size(), a, b, r);
});
define('CMPXCHG', { flags: 'sets' }, (e) => {
  const size = e.size();
  const a = e.modify(0);
  const source = e.read(1);
  const accumulator = e.register(L.RAX, size);
  const r = e.keep(accumulator.sub(a).signExtend(size));
  e.commit(0, e.body.select(r, a, source), () => e.setRegister(L.RAX, size, a));
  e.setFlags(KIND_SUB, size, accumulator, a, r);
});

// ---- Multiplication. CF and OF say that the upper half matters; SF, ZF, PF follow the lower half, AF is 0.

function multiplyFlags(e: Emitter, low: Value, overflow: Value): void {
  // CF = OF = overflow: bit 31 set, bit 30 (CF xor OF) clear.
  e.setCanonical(low, e.keep(overflow.shl(31)));
}

function multiplyAccumulator(signed: boolean): (e: Emitter) => void {
  return (e) => {
    const size = e.size();
    const factor = e.read(0);
    const accumulator = e.register(L.RAX, size);
    if (size === 4) {
      const wide = (v: Value): Value => (signed ? v.extendS() : v.extendU());
      const product = e.keep(wide(accumulator).mul(wide(factor)));
      const low = e.keep(product.wrap());
      const high = e.keep(product.shrU(32).wrap());
      e.setRegister(L.RAX, 4, low);
      e.setRegister(L.RDX, 4, high);
      multiplyFlags(e, low, signed ? high.ne(low.shrS(31)) : high.bool());
      return;
    }
    const wide = (v: Value): Value => (signed ? v.signExtend(size) : v);
    const product = e.keep(wide(accumulator).mul(wide(factor)));
    if (size === 1) e.setRegister(L.RAX, 2, product);
    else {
      e.setRegister(L.RAX, 2, product);
      e.setRegister(L.RDX, 2, product.shrU(16));
    }
    const low = e.keep(product.signExtend(size));
    multiplyFlags(e, low, signed ? product.ne(low) : product.shrU(size * 8).bool());
  };
}
define('MUL', { flags: 'sets' }, multiplyAccumulator(false));
define('IMUL', { flags: 'sets' }, multiplyAccumulator(true));

function multiplyRegister(e: Emitter, a: Value, b: Value): void {
  const size = e.size();
  if (size === 4) {
    const product = e.keep(a.extendS().mul(b.extendS()));
    const low = e.keep(product.wrap());
    e.write(0, low);
    multiplyFlags(e, low, product.ne(low.extendS()));
    return;
  }
  const product = e.keep(a.signExtend(size).mul(b.signExtend(size)));
  const low = e.keep(product.signExtend(size));
  e.write(0, low);
  multiplyFlags(e, low, product.ne(low));
}
define('IMUL2', { flags: 'sets' }, (e) => multiplyRegister(e, e.read(0), e.read(1)));
define('IMUL3', { flags: 'sets' }, (e) => multiplyRegister(e, e.read(1), e.read(2)));

// ---- Division leaves the flags as they were.

function divide(signed: boolean): (e: Emitter) => void {
  return (e) => {
    const { body } = e;
    const size = e.size();
    const divisor = e.read(0);
    body.if(divisor.eqz(), () => e.exception(DIVIDE_ERROR));
    if (size === 4) {
      const wide = e.keep(signed ? divisor.extendS() : divisor.extendU());
      const dividend = e.keep(e.register(L.RDX, 4).extendU().shl(32).or(e.register(L.RAX, 4).extendU()));
      if (signed)
        // The one quotient that WebAssembly itself traps on.
        body.if(divisor.eq(-1).and(dividend.eq(body.i64(-(2n ** 63n)))), () => e.exception(DIVIDE_ERROR));
      const quotient = e.keep(signed ? dividend.divS(wide) : dividend.divU(wide));
      const fits = signed ? quotient.eq(quotient.wrap().extendS()) : quotient.shrU(32).eqz();
      body.if(fits.eqz(), () => e.exception(DIVIDE_ERROR));
      const remainder = e.keep((signed ? dividend.remS(wide) : dividend.remU(wide)).wrap());
      e.setRegister(L.RAX, 4, quotient.wrap());
      e.setRegister(L.RDX, 4, remainder);
      return;
    }
    const dividend =
      size === 1
        ? signed
          ? e.register(L.RAX, 2).signExtend(2)
          : e.register(L.RAX, 2)
        : e.register(L.RDX, 2).shl(16).or(e.register(L.RAX, 2));
    const top = e.keep(dividend);
    const wide = e.keep(signed ? divisor.signExtend(size) : divisor);
    if (signed) body.if(wide.eq(-1).and(top.eq(0x80000000 | 0)), () => e.exception(DIVIDE_ERROR));
    const quotient = e.keep(signed ? top.divS(wide) : top.divU(wide));
    const fits = signed ? quotient.eq(quotient.signExtend(size)) : quotient.shrU(size * 8).eqz();
    body.if(fits.eqz(), () => e.exception(DIVIDE_ERROR));
    const remainder = e.keep(signed ? top.remS(wide) : top.remU(wide));
    if (size === 1) e.setRegister(L.RAX, 2, quotient.and(0xff).or(remainder.shl(8)));
    else {
      e.setRegister(L.RAX, 2, quotient);
      e.setRegister(L.RDX, 2, remainder);
    }
  };
}
define('DIV', { mayFault: true }, divide(false));
define('IDIV', { mayFault: true }, divide(true));

define('CBW', { sized: true }, (e) => {
  if (e.instruction.operandSize === 4) e.setRegister(L.RAX, 4, e.register(L.RAX, 2).signExtend(2));
  else e.setRegister(L.RAX, 2, e.register(L.RAX, 1).signExtend(1));
});
define('CWD', { sized: true }, (e) => {
  const size = e.instruction.operandSize;
  e.setRegister(L.RDX, size, e.register(L.RAX, size).signExtend(size).shrS(31));
});
