// What vectors/x87 cannot show: traps, control instructions, images in memory, MMX, and that a fault changes nothing.

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { monitorBytes } from '../../../../scripts/build-monitor.ts';
import { OPERAND, X87Machine } from '../../../../vectors/x87/machine.ts';
import {
  CR0,
  CR3,
  FPU_CW,
  FPU_IGNNE,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
  FPU_TRAP,
  MODE,
  MODE_REAL,
  MXCSR,
  SYSFLAGS,
  VECTOR_FPU_ERROR,
  XMM,
} from '../../abi/layout.ts';
import { FPU_API, type FpuFunction, X87_OPCODES, X87_RELATED } from '../../abi/x87-api.ts';

const UD = 6;
const NM = 7;
const GP = 13;
const PF = 14;
const MF = 16;
const CR0_PE_PG = 0x80000001;
const CR0_MP = 2;
const CR0_EM = 4;
const CR0_TS = 8;
const CR0_NE = 0x20;
const ES_BUSY = 0x8080;
const ZE = 4;

const ONE = 0x3ff0000000000000n;
const TWO = 0x4000000000000000n;
const MINUS_HALF = 0xbfe0000000000000n;

let machine: X87Machine;

beforeAll(async () => {
  machine = new X87Machine(new WebAssembly.Module(await monitorBytes()));
});

beforeEach(() => machine.reset());

/** Leaves an unmasked zero divide pending: 1 / 0 with CW.ZM = 0. */
function raisePending(): void {
  machine.call('fpu_ldcw', 0x37b);
  machine.call('fpu_push_m64', ONE);
  machine.call('fpu_arith_m64', 6, 0n);
}

/** Three registers, exceptions flagged, pointers set, an empty one in between. */
function fill(): void {
  machine.call('fpu_push_m64', ONE);
  machine.call('fpu_push_m64', 0n);
  machine.call('fpu_push_m80', 0x8000000000000001n, 0x7fff);
  machine.call('fpu_push_m64', MINUS_HALF);
  machine.call('fpu_free', 1, 0);
  machine.call('fpu_ldcw', 0xe7f);
  machine.call('fpu_arith_m64', 6, 0n);
  machine.call('fpu_pointers', 0x5a1, 0x1b, 0x123456, 0x23, 0x6789ab);
}

/** Everything an image carries, to compare before and after. */
function state(): unknown {
  const registers = Array.from({ length: 8 }, (_, n) => machine.register(n));
  return [FPU_CW, FPU_SW, FPU_TAG, FPU_TOP].map((field) => machine.get32(field)).concat(registers as never[]);
}

const words = (address: number, count: number) =>
  Array.from({ length: count }, (_, n) => machine.view.getUint16(address + 2 * n, true));
const dwords = (address: number, count: number) =>
  Array.from({ length: count }, (_, n) => machine.view.getUint32(address + 4 * n, true));

describe('the table', () => {
  it('names every encoding once', () => {
    const keys = X87_OPCODES.flatMap(({ opcode, form, digit, rm }) =>
      (rm === undefined && form === 'reg' ? [0, 1, 2, 3, 4, 5, 6, 7] : [rm ?? 0]).map((m) =>
        [opcode, form, digit, m].join(' '),
      ),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('calls functions with as many arguments as they take', () => {
    for (const row of X87_OPCODES) {
      const parameters = FPU_API[row.call].signature.split(':')[0].length;
      const operands = row.memory ? (row.memory.bytes === 10 && row.memory.access === 'load' ? 2 : 1) : 0;
      const given = 1 + row.args.length + operands + (row.condition === undefined ? 0 : 1);
      expect([row.mnemonic, given]).toEqual([row.mnemonic, parameters]);
    }
    for (const { call } of Object.values(X87_RELATED)) expect(FPU_API).toHaveProperty(call);
  });
});

describe('traps', () => {
  it('raises #NM before waiting and non-waiting instructions alike', () => {
    machine.set32(FPU_TRAP, 1);
    expect(machine.execute(0xd9, 0xe8)).toBe(NM); // FLD1
    expect(machine.execute(0xdb, 0xe3)).toBe(NM); // FNINIT
    expect(machine.get32(FPU_TAG)).toBe(0xff);
  });

  it('raises #MF for a pending exception before waiting instructions only', () => {
    machine.set32(CR0, CR0_NE);
    raisePending();
    expect(machine.execute(0xd9, 0xe8)).toBe(MF);
    expect(machine.faultOf(() => machine.call('fpu_wait'))).toBe(MF);
    expect(machine.faultOf(() => machine.call('mmx_check'))).toBe(MF);
    expect(machine.execute(0xdf, 0xe0)).toBeUndefined(); // FNSTSW AX
    expect(machine.execute(0xdb, 0xe2)).toBeUndefined(); // FNCLEX
    expect(machine.execute(0xd9, 0xe8)).toBeUndefined();
  });

  it('leaves it to the machine with NE clear, unless that ignores it', () => {
    raisePending();
    for (const ignored of [0, 1]) {
      machine.set32(FPU_IGNNE, ignored);
      const expected = ignored ? undefined : VECTOR_FPU_ERROR;
      expect(machine.execute(0xd9, 0xe8)).toBe(expected);
      expect(machine.faultOf(() => machine.call('fpu_wait'))).toBe(expected);
      expect(machine.faultOf(() => machine.call('mmx_check'))).toBe(expected);
    }
  });

  it('forgets that it is ignored with the next error, by whatever that comes', () => {
    for (const next of [
      () => machine.call('fpu_clex'),
      () => machine.call('fpu_init'),
      () => machine.call('fpu_ldcw', 0x37f),
    ]) {
      raisePending();
      machine.set32(FPU_IGNNE, 1);
      next();
      raisePending();
      expect(machine.execute(0xd9, 0xe8)).toBe(VECTOR_FPU_ERROR);
    }
  });

  it('has WAIT trap on MP and TS together, whatever EM says', () => {
    for (const [cr0, vector] of [
      [CR0_TS, undefined],
      [CR0_EM | CR0_TS, undefined],
      [CR0_MP, undefined],
      [CR0_MP | CR0_TS, NM],
    ]) {
      machine.set32(CR0, cr0 as number);
      expect(machine.faultOf(() => machine.call('fpu_wait'))).toBe(vector);
    }
  });

  it('has MMX raise #UD for EM and #NM for TS', () => {
    machine.set32(CR0, CR0_EM | CR0_TS);
    expect(machine.faultOf(() => machine.call('mmx_check'))).toBe(UD);
    machine.set32(CR0, CR0_TS);
    expect(machine.faultOf(() => machine.call('mmx_check'))).toBe(NM);
  });
});

describe('control', () => {
  it('starts as FNINIT leaves it', () => {
    fill();
    machine.call('fpu_init');
    expect([machine.call('fpu_stcw'), machine.statusWord(), machine.get32(FPU_TAG)]).toEqual([0x37f, 0, 0xff]);
  });

  it('keeps the fixed bits of the control word', () => {
    machine.call('fpu_ldcw', 0xffff);
    expect(machine.call('fpu_stcw')).toBe(0x1f7f);
    machine.call('fpu_ldcw', 0);
    expect(machine.call('fpu_stcw')).toBe(0x40);
  });

  it('recomputes ES and B when the masks change', () => {
    machine.call('fpu_push_m64', ONE);
    machine.call('fpu_arith_m64', 6, 0n);
    expect(machine.statusWord()).toBe(0x3800 | ZE);
    machine.call('fpu_ldcw', 0x37b);
    expect(machine.statusWord()).toBe(0x3800 | ZE | ES_BUSY);
    machine.call('fpu_ldcw', 0x37f);
    expect(machine.statusWord()).toBe(0x3800 | ZE);
  });

  it('leaves the destination alone on an unmasked exception, and FNCLEX forgets it', () => {
    raisePending();
    expect(machine.register(7)).toEqual({ significand: 1n << 63n, signExponent: 0x3fff });
    expect(machine.statusWord()).toBe(0x3800 | ZE | ES_BUSY);
    machine.call('fpu_clex');
    expect(machine.statusWord()).toBe(0x3800);
  });

  it('gives MMX a stack at 0 with all registers valid, and EMMS an empty one', () => {
    machine.call('fpu_push_m64', ONE);
    machine.call('mmx_enter');
    expect([machine.get32(FPU_TOP), machine.get32(FPU_TAG)]).toEqual([0, 0]);
    machine.call('emms');
    expect(machine.get32(FPU_TAG)).toBe(0xff);
  });
});

// Status words as an AMD EPYC (family 26) leaves them after FLD1, one more number, and C1 set.
describe('C1', () => {
  const SET = 0x200;
  const CASES: Record<string, readonly [bigint, FpuFunction, readonly number[], number]> = {
    'FCMOVNE ST(1)': [ONE, 'fpu_cmov', [1, 1], 0x3200],
    'FCMOVE ST(1)': [ONE, 'fpu_cmov', [1, 0], 0x3200],
    'FCMOVNE of an empty register': [ONE, 'fpu_cmov', [3, 1], 0x3041],
    'FCMOVE of an empty register': [ONE, 'fpu_cmov', [3, 0], 0x3041],
    'FCOMI ST(1)': [ONE, 'fpu_compare_flags', [1, 0, 0], 0x3200],
    'FUCOMIP ST(1)': [ONE, 'fpu_compare_flags', [1, 1, 1], 0x3a00],
    'FCOMI of a NaN': [0xfff8000000000000n, 'fpu_compare_flags', [1, 0, 0], 0x3201],
    'FUCOMI of a NaN': [0xfff8000000000000n, 'fpu_compare_flags', [1, 1, 0], 0x3200],
    'FCOMI of an empty register': [ONE, 'fpu_compare_flags', [3, 0, 0], 0x3041],
    'FCOM ST(1)': [TWO, 'fpu_compare_st', [1, 0, 0], 0x3000],
    'FFREE ST(3)': [ONE, 'fpu_free', [3, 0], 0x3000],
    'FXCH ST(1)': [ONE, 'fpu_exchange', [1], 0x3000],
  };

  it.each(Object.entries(CASES))('after %s', (_, [number, call, args, status]) => {
    machine.call('fpu_push_m64', ONE);
    machine.call('fpu_push_m64', number);
    machine.set32(FPU_SW, SET);
    machine.call(call, ...args);
    expect(machine.statusWord().toString(16)).toBe(status.toString(16));
  });
});

describe('environment', () => {
  it('has 28 bytes in protected mode with 32-bit operand size', () => {
    fill();
    expect(machine.execute(0xd9, 0x37)).toBeUndefined();
    const sw = (4 << 11) | ZE;
    expect(dwords(OPERAND, 7)).toEqual(
      [
        0xffff0e7f,
        0xffff0000 | sw,
        0xffff0000 | 0b00_01_11_10_11111111,
        0x123456,
        0x05a1001b,
        0x6789ab,
        0xffff0023,
      ].map((value) => value >>> 0),
    );
    expect(machine.view.getUint32(OPERAND + 28, true)).toBe(0);
  });

  it('has 14 bytes with 16-bit operand size', () => {
    fill();
    machine.execute(0xd9, 0x37, OPERAND, 0, 2);
    expect(words(OPERAND, 8)).toEqual([0xe7f, (4 << 11) | ZE, 0b00_01_11_10_11111111, 0x3456, 0x1b, 0x89ab, 0x23, 0]);
  });

  it('has linear pointers in real mode', () => {
    machine.set32(MODE, MODE_REAL);
    machine.call('fpu_pointers', 0x5a1, 0x1234, 0x5678, 0x2345, 0x6789);
    machine.execute(0xd9, 0x37, OPERAND, 0, 2);
    const ip = 0x12340 + 0x5678;
    const dp = 0x23450 + 0x6789;
    expect(words(OPERAND, 7).slice(3)).toEqual([ip & 0xffff, 0x15a1, dp & 0xffff, 0x2000]);
    machine.execute(0xd9, 0x37);
    expect(dwords(OPERAND, 7).slice(3)).toEqual([ip & 0xffff, 0x15a1, dp & 0xffff, 0x2000]);
  });

  it('masks all exceptions after FNSTENV, and FLDENV brings them back', () => {
    raisePending();
    const before = state();
    machine.execute(0xd9, 0x37);
    expect(machine.call('fpu_stcw')).toBe(0x37f);
    expect(machine.statusWord()).toBe(0x3800 | ZE);
    machine.execute(0xd9, 0x27); // FLDENV
    expect(state()).toEqual(before);
  });
});

describe('whole state', () => {
  it.each([2, 4])('goes through FNSAVE and FRSTOR, operand size %i', (size) => {
    fill();
    const before = state();
    machine.execute(0xdd, 0x37, OPERAND, 0, size);
    expect([machine.call('fpu_stcw'), machine.get32(FPU_TAG)]).toEqual([0x37f, 0xff]);
    // ST(0), the one pushed last and then divided by zero
    expect(machine.view.getUint16(OPERAND + size * 7 + 8, true)).toBe(0xffff);
    for (let n = 0; n < 8; n++) machine.setRegister(n, { significand: 7n, signExponent: 7 });
    machine.execute(0xdd, 0x27, OPERAND, 0, size);
    expect(state()).toEqual(before);
  });

  it('crosses pages', () => {
    fill();
    const before = state();
    machine.execute(0xdd, 0x37, OPERAND + 0x1000 - 50);
    machine.execute(0xdd, 0x27, OPERAND + 0x1000 - 50);
    expect(state()).toEqual(before);
  });

  it('goes through FXSAVE and FXRSTOR with XMM and MXCSR', () => {
    fill();
    machine.set32(MXCSR, 0x9f80);
    for (let n = 0; n < 32; n++) machine.set32(XMM + 4 * n, 0x01020304 * n);
    const before = state();
    machine.call('fpu_fxsave', OPERAND);
    expect(words(OPERAND, 4)).toEqual([0xe7f, (4 << 11) | ZE, 0b11010000, 0x5a1]);
    expect(dwords(OPERAND + 8, 6)).toEqual([0x123456, 0x1b, 0x6789ab, 0x23, 0x9f80, 0xffff]);
    expect(machine.view.getUint32(OPERAND + 160 + 4 * 5, true)).toBe(0x01020304 * 5);
    machine.call('fpu_init');
    machine.set32(MXCSR, 0);
    for (let n = 0; n < 32; n++) machine.set32(XMM + 4 * n, 0);
    machine.call('fpu_fxrstor', OPERAND);
    expect(state()).toEqual(before);
    expect([machine.get32(MXCSR), machine.get32(XMM + 4 * 31)]).toEqual([0x9f80, (0x01020304 * 31) >>> 0]);
  });

  it('refuses a misaligned FXSAVE area and reserved MXCSR bits', () => {
    expect(machine.faultOf(() => machine.call('fpu_fxsave', OPERAND + 8))).toBe(GP);
    machine.call('fpu_fxsave', OPERAND);
    machine.view.setUint32(OPERAND + 24, 0x11f80, true);
    const before = state();
    expect(machine.faultOf(() => machine.call('fpu_fxrstor', OPERAND))).toBe(GP);
    expect(state()).toEqual(before);
  });
});

describe('page faults', () => {
  // One page table: OPERAND's first page is mapped, the one behind it is not
  const DIRECTORY = OPERAND + 0x8000;
  const TABLE = OPERAND + 0x9000;
  const HOLE = OPERAND + 0x1000;

  beforeEach(() => {
    machine.view.setUint32(DIRECTORY, TABLE | 3, true);
    machine.view.setUint32(TABLE + 4 * (OPERAND >> 12), OPERAND | 3, true);
    machine.set32(CR0, CR0_PE_PG);
    machine.set32(CR3, DIRECTORY);
    machine.set32(SYSFLAGS, 2);
    machine.flushTlb();
  });

  it('have a store neither flag an exception nor pop', () => {
    machine.call('fpu_push_m80', 0x8000000000000001n, 0x3fff);
    const before = state();
    const linear = HOLE - 4;
    for (const [opcode, modrm] of [
      [0xdd, 0x1f], // FSTP m64, inexact
      [0xdb, 0x3f], // FSTP m80
      [0xdf, 0x3f], // FISTP m64
      [0xdf, 0x37], // FBSTP
    ]) {
      expect(machine.execute(opcode, modrm, linear)).toBe(PF);
      expect(state()).toEqual(before);
      expect(machine.view.getUint32(linear, true)).toBe(0);
    }
  });

  it('leave images unwritten and unread', () => {
    fill();
    const before = state();
    expect(machine.execute(0xdd, 0x37, HOLE - 50)).toBe(PF); // FNSAVE
    expect(machine.execute(0xdd, 0x27, HOLE - 50)).toBe(PF); // FRSTOR
    expect(machine.execute(0xd9, 0x27, HOLE - 16)).toBe(PF); // FLDENV
    expect(machine.faultOf(() => machine.call('fpu_fxsave', HOLE - 256))).toBe(PF);
    expect(machine.faultOf(() => machine.call('fpu_fxrstor', HOLE - 256))).toBe(PF);
    expect(state()).toEqual(before);
    expect(machine.bytes(HOLE - 256, 256).every((byte) => byte === 0)).toBe(true);
  });
});

it('computes 1 + 2 = 3 from memory to memory', () => {
  machine.view.setBigUint64(OPERAND, ONE, true);
  machine.execute(0xdd, 0x07); // FLD m64
  machine.view.setBigUint64(OPERAND, TWO, true);
  machine.execute(0xdc, 0x07); // FADD m64
  machine.execute(0xdf, 0x3f); // FISTP m64
  expect(machine.view.getBigUint64(OPERAND, true)).toBe(3n);
  expect(machine.statusWord()).toBe(0);
});
