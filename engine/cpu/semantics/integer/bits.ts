// Bit tests, bit scans, and the flag bits themselves. SDM vol. 2.

import { KIND_LOGIC } from '../../abi/flag-kinds.ts';
import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Value } from '../../wasm/value.ts';

/** aux with CF replaced (0/1) and OF left as it was: bit 30 holds CF xor OF. */
function withCarry(aux: Value, carry: Value): Value {
  const change = aux.shrU(31).xor(carry);
  return aux.xor(change.shl(31)).xor(change.shl(30));
}

/**
 * BT family. With memory and a bit offset in a register the offset reaches beyond the operand: the word that holds the bit
 * is the one accessed.
 */
function bitTest(change?: (a: Value, mask: Value) => Value) {
  return (e: Emitter): void => {
    const size = e.size();
    const offset = e.read(1);
    let displace: Value | undefined;
    if (e.isMemory(0) && e.instruction.operands[1]!.kind === 'register') {
      const shift = size === 4 ? 5 : 4;
      displace = e.keep(
        offset
          .signExtend(size)
          .shrS(shift)
          .shl(shift - 3),
      );
    }
    const a = change ? e.modify(0, displace) : e.readDisplaced(0, displace);
    const position = e.keep(offset.and(size * 8 - 1));
    const carry = e.keep(a.shrU(position).and(1));
    const aux = e.keep(withCarry(e.aux(), carry));
    const result = e.result();
    if (change) e.commit(0, e.keep(change(a, e.i32(1).shl(position))));
    e.setCanonical(result, aux);
  };
}
define('BT', { flags: 'changes' }, bitTest());
define(
  'BTS',
  { flags: 'changes' },
  bitTest((a, mask) => a.or(mask)),
);
define(
  'BTR',
  { flags: 'changes' },
  bitTest((a, mask) => a.and(mask.not())),
);
define(
  'BTC',
  { flags: 'changes' },
  bitTest((a, mask) => a.xor(mask)),
);

/** With a source of 0 the destination stays as it is. */
function bitScan(find: (source: Value) => Value) {
  return (e: Emitter): void => {
    const source = e.read(1);
    const old = e.read(0);
    e.write(0, e.keep(e.body.select(source, find(source), old)));
    e.setFlags(KIND_LOGIC, e.size(), source, source, e.keep(source.signExtend(e.size(1))));
  };
}
define(
  'BSF',
  { flags: 'sets' },
  bitScan((source) => source.ctz()),
);
define(
  'BSR',
  { flags: 'sets' },
  bitScan((source) => source.clz().xor(31)),
);
define('POPCNT', { flags: 'sets' }, (e) => {
  const source = e.read(1);
  e.write(0, source.popcnt());
  // ZF follows the source, all others are 0: a result of 0 has even parity, so PF is turned off by aux.
  e.setCanonical(e.keep(source.bool()), e.keep(e.body.select(source, e.i32(0), e.i32(0x100))));
});

define('CLC', { flags: 'changes' }, (e) => e.setCanonical(e.result(), e.keep(withCarry(e.aux(), e.i32(0)))));
define('STC', { flags: 'changes' }, (e) => e.setCanonical(e.result(), e.keep(withCarry(e.aux(), e.i32(1)))));
define('CMC', { flags: 'changes' }, (e) => e.setCanonical(e.result(), e.keep(e.aux().xor(0xc0000000 | 0))));
define('SALC', { flags: 'reads' }, (e) => e.setRegister(L.RAX, 1, e.i32(0).sub(e.carry())));

/** CF, PF, AF, ZF, SF in their EFLAGS places. */
function lowFlags(e: Emitter): Value {
  return e
    .carry()
    .or(e.condition('P').shl(2))
    .or(e.aux().and(8).shl(1))
    .or(e.condition('E').shl(6))
    .or(e.condition('S').shl(7))
    .or(2);
}
define('LAHF', { flags: 'reads' }, (e) => e.setRegister(L.RAX + 1, 1, e.keep(lowFlags(e))));

/** Canonical flags from an EFLAGS image's low byte, OF kept. */
define('SAHF', { flags: 'changes' }, (e) => {
  const image = e.register(L.RAX + 1, 1);
  const flag = (n: number): Value => image.shrU(n).and(1);
  const overflow = e.condition('O');
  const carry = e.keep(flag(0));
  // The result: 0 for ZF, else a positive number whose low byte is 0 (even parity); aux turns SF and PF where needed.
  const result = e.keep(flag(6).xor(1).shl(8));
  const aux = e.keep(
    carry.shl(31).or(carry.xor(overflow).shl(30)).or(flag(4).shl(3)).or(flag(7)).or(flag(2).xor(1).shl(8)),
  );
  e.setCanonical(result, aux);
});

const DIRECTION = 0x400;
define('CLD', {}, (e) => e.body.store(4, e.cpu, e.body.load(4, e.cpu, L.SYSFLAGS).and(~DIRECTION), L.SYSFLAGS));
define('STD', {}, (e) => e.body.store(4, e.cpu, e.body.load(4, e.cpu, L.SYSFLAGS).or(DIRECTION), L.SYSFLAGS));

define('CMPXCHG8B', { flags: 'changes' }, (e) => {
  const { body } = e;
  const a = e.modify(0);
  const pair = (high: number, low: number): Value =>
    e.register(high, 4).extendU().shl(32).or(e.register(low, 4).extendU());
  const expected = e.keep(pair(L.RDX, L.RAX));
  const replacement = e.keep(pair(L.RCX, L.RBX));
  const equal = e.keep(a.eq(expected));
  // Only ZF changes: the result becomes 0 or non-zero, and aux corrects the sign and parity that follow from it.
  const sign = e.keep(e.condition('S').bool());
  const parity = e.keep(e.condition('P'));
  const aux = e.keep(
    e
      .aux()
      .and(0xc0000008 | 0)
      .or(sign)
      .or(parity.xor(1).shl(8)),
  );
  const result = e.keep(equal.xor(1).shl(8));
  e.commit(0, body.select(equal, replacement, a));
  e.setRegister(L.RAX, 4, e.keep(body.select(equal, e.register(L.RAX, 4), a.wrap())));
  e.setRegister(L.RDX, 4, e.keep(body.select(equal, e.register(L.RDX, 4), a.shrU(32).wrap())));
  e.setCanonical(result, aux);
});
