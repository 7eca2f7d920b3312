// The x87 part of the monitor (engine/cpu/monitor/fpu/*.ts): what it exports, and which call each x87 instruction needs.
//
// FPU_API has the form of MONITOR_API: name → record, the first parameter is always `cpu`.
//
// X87_OPCODES has one row per encoding D8..DF; a pattern without a row is #UD. To run a row:
// 1. call `check` (skip the call while FPU_TRAP and, for fpu_check, SW.ES are both 0) and leave if FAULT is set;
// 2. evaluate the operand `memory` describes: 'load' reads `bytes` bytes (2, 4, 8 or 10; 10 as an i64 and then an i32 of
//    the upper 16 bits) and appends the value to the arguments; 'read' and 'write' append the *linear address* after the
//    segment check for `bytes` bytes, the monitor does the access itself and may set FAULT;
// 3. call `call` with (cpu, ...args, operand), where 'i' in args stands for the modrm.rm field and 'size' for the operand
//    size in bytes; with `condition`, the truth of that condition code (0 or 1) is the last argument;
// 4. `result` 'ax' goes to AX, 'm16' to the 16-bit memory operand (written by the caller, as for any other store).
// No x87 function touches RIP or general registers. Those that write flags replace the arithmetic flags (canonical form).
// Source: Intel SDM vol. 1 ch. 8, vol. 2 appendix A.2.6 (escape opcodes).

import { type MonitorRecord, returns } from './monitor-record.ts';

export const FPU_API = {
  // Traps before an instruction: #NM (EM or TS) and, waiting forms, #MF (SW.ES). What fpu_check looks at is always in the
  // CPU block, also where a region holds x87 state in locals.
  fpu_check: returns('i:v', 'faults'),
  fpu_check_nowait: returns('i:v', 'faults'),
  /** WAIT/FWAIT, the whole instruction: #NM needs MP and TS. */
  fpu_wait: returns('i:v', 'faults', 'x87'),
  /** Before an MMX instruction: #UD (EM), #NM (TS), #MF; then mmx_enter does TOP=0 and validates all tags. */
  mmx_check: returns('i:v', 'faults', 'x87'),
  mmx_enter: returns('i:v', 'x87'),
  emms: returns('i:v', 'x87'),

  // Control
  fpu_init: returns('i:v', 'x87'),
  fpu_clex: returns('i:v', 'x87'),
  fpu_ldcw: returns('ii:v', 'x87'),
  /** The control word is always in the CPU block. */
  fpu_stcw: returns('i:i'),
  fpu_stsw: returns('i:i', 'x87'),
  fpu_incstp: returns('i:v', 'x87'),
  fpu_decstp: returns('i:v', 'x87'),
  fpu_free: returns('iii:v', 'x87'), // (cpu, i, pops)
  fpu_nop: returns('i:v'),
  /** (cpu, FOP, CS, IP, DS, DP) records the pointers that FSTENV and FXSAVE show. */
  fpu_pointers: returns('iiiiii:v', 'x87'),

  // Arithmetic. operation: 0 add 1 mul 4 sub 5 subr 6 div 7 divr, destination = destination op source.
  fpu_arith_st: returns('iiiii:v', 'x87'), // (cpu, operation, destination i, source i, pops)
  fpu_arith_m32: returns('iii:v', 'x87'), // (cpu, operation, bits)
  fpu_arith_m64: returns('iil:v', 'x87'),
  fpu_arith_i16: returns('iii:v', 'x87'),
  fpu_arith_i32: returns('iii:v', 'x87'),
  fpu_chs: returns('i:v', 'x87'),
  fpu_abs: returns('i:v', 'x87'),
  fpu_sqrt: returns('i:v', 'x87'),
  fpu_rndint: returns('i:v', 'x87'),
  fpu_scale: returns('i:v', 'x87'),
  fpu_extract: returns('i:v', 'x87'),
  fpu_prem: returns('ii:v', 'x87'), // (cpu, 0 FPREM, 1 FPREM1)

  // Comparison
  fpu_compare_st: returns('iiii:v', 'x87'), // (cpu, i, unordered?, pops)
  fpu_compare_flags: returns('iiii:v', 'writes flags', 'x87'), // the same to ZF PF CF (FCOMI family)
  fpu_compare_m32: returns('iii:v', 'x87'), // (cpu, pops, bits)
  fpu_compare_m64: returns('iil:v', 'x87'),
  fpu_compare_i16: returns('iii:v', 'x87'),
  fpu_compare_i32: returns('iii:v', 'x87'),
  fpu_test: returns('i:v', 'x87'),
  fpu_examine: returns('i:v', 'x87'),

  // Transfer
  fpu_push_st: returns('ii:v', 'x87'),
  fpu_push_m32: returns('ii:v', 'x87'),
  fpu_push_m64: returns('il:v', 'x87'),
  fpu_push_m80: returns('ili:v', 'x87'),
  fpu_push_i16: returns('ii:v', 'x87'),
  fpu_push_i32: returns('ii:v', 'x87'),
  fpu_push_i64: returns('il:v', 'x87'),
  fpu_push_bcd: returns('ili:v', 'x87'),
  fpu_push_constant: returns('ii:v', 'x87'), // (cpu, n) as the low three bits of D9 E8+n
  fpu_store_st: returns('iii:v', 'x87'), // (cpu, i, pops)
  fpu_store_unchecked: returns('ii:v', 'x87'),
  // Stores do the memory write themselves, since an unmasked exception or a fault suppresses both it and the pop.
  fpu_store_m32: returns('iii:v', 'stores', 'faults', 'x87'), // (cpu, pops, linear)
  fpu_store_m64: returns('iii:v', 'stores', 'faults', 'x87'),
  fpu_store_m80: returns('iii:v', 'stores', 'faults', 'x87'),
  fpu_store_i16: returns('iiii:v', 'stores', 'faults', 'x87'), // (cpu, pops, truncate?, linear)
  fpu_store_i32: returns('iiii:v', 'stores', 'faults', 'x87'),
  fpu_store_i64: returns('iiii:v', 'stores', 'faults', 'x87'),
  fpu_store_bcd: returns('iii:v', 'stores', 'faults', 'x87'),
  fpu_exchange: returns('ii:v', 'x87'),
  fpu_cmov: returns('iii:v', 'x87'), // (cpu, i, condition)

  // Transcendental
  fpu_f2xm1: returns('i:v', 'x87'),
  fpu_yl2x: returns('i:v', 'x87'),
  fpu_yl2xp1: returns('i:v', 'x87'),
  fpu_ptan: returns('i:v', 'x87'),
  fpu_patan: returns('i:v', 'x87'),
  fpu_sin: returns('i:v', 'x87'),
  fpu_cos: returns('i:v', 'x87'),
  fpu_sincos: returns('i:v', 'x87'),

  // Numbers alone, (cpu, significand, sign and exponent, ...): the rest of the result is in FPU_RESULT (monitor/f80/fast.ts).
  f80_add: returns('ililii:l'), // (cpu, a, b, 0 or SIGN)
  f80_multiply: returns('ilili:l'),
  f80_divide: returns('ilili:l'),
  f80_square_root: returns('ili:l'),
  f80_to_integral: returns('ili:l'),
  f80_from_single: returns('iii:l'), // (cpu, bits, pushes?)
  f80_from_double: returns('ili:l'),
  f80_from_integer: returns('il:l'),
  f80_to_single: returns('ili:i'),
  f80_to_double: returns('ili:l'),
  f80_to_integer: returns('iliii:l'), // (cpu, a, bits, truncate?)
  f80_compare: returns('ililii:i'), // (cpu, a, b, unordered?)

  // Images in memory: (cpu, operand size 2|4, linear). FXSAVE and FXRSTOR: 512 bytes, (cpu, linear), #GP if misaligned.
  fpu_stenv: returns('iii:v', 'stores', 'faults', 'x87'),
  fpu_ldenv: returns('iii:v', 'loads', 'faults', 'x87'),
  fpu_save: returns('iii:v', 'stores', 'faults', 'x87'),
  fpu_restore: returns('iii:v', 'loads', 'faults', 'x87'),
  fpu_fxsave: returns('ii:v', 'stores', 'faults', 'x87'),
  fpu_fxrstor: returns('ii:v', 'loads', 'faults', 'x87'),
} as const satisfies Record<string, MonitorRecord>;

export type FpuFunction = keyof typeof FPU_API;

export interface X87Memory {
  readonly access: 'load' | 'read' | 'write';
  /** Bytes of the operand; [16-bit, 32-bit operand size] where it depends on it. */
  readonly bytes: number | readonly [number, number];
}

export interface X87Row {
  /** 0xD8..0xDF. */
  readonly opcode: number;
  readonly form: 'mem' | 'reg';
  /** modrm.reg. */
  readonly digit: number;
  /** modrm.rm, where one encoding alone has the meaning. */
  readonly rm?: number;
  readonly mnemonic: string;
  readonly check: 'fpu_check' | 'fpu_check_nowait';
  readonly call: FpuFunction;
  readonly args: readonly (number | 'i' | 'size')[];
  readonly memory?: X87Memory;
  /** Condition code (as in Jcc) whose truth is the last argument. */
  readonly condition?: number;
  readonly result?: 'ax' | 'm16';
}

type Extra = Partial<Pick<X87Row, 'check' | 'memory' | 'condition' | 'result' | 'rm'>>;

function row(
  form: 'mem' | 'reg',
  opcode: number,
  digit: number,
  mnemonic: string,
  call: FpuFunction,
  args: X87Row['args'],
  extra: Extra = {},
): X87Row {
  return { opcode, form, digit, mnemonic, check: 'fpu_check', call, args, ...extra };
}

/** Memory form. */
const mem = (
  opcode: number,
  digit: number,
  mnemonic: string,
  call: FpuFunction,
  args: X87Row['args'],
  memory: X87Memory,
  extra: Extra = {},
) => row('mem', opcode, digit, mnemonic, call, args, { ...extra, memory });

/** Register form with ST(i), the second byte's low bits. */
const sti = (
  opcode: number,
  digit: number,
  mnemonic: string,
  call: FpuFunction,
  args: X87Row['args'],
  extra: Extra = {},
) => row('reg', opcode, digit, mnemonic, call, args, extra);

/** One encoding: opcode and modrm byte. */
const one = (
  opcode: number,
  modrm: number,
  mnemonic: string,
  call: FpuFunction,
  args: X87Row['args'] = [],
  extra: Extra = {},
) => row('reg', opcode, (modrm >> 3) & 7, mnemonic, call, args, { ...extra, rm: modrm & 7 });

const load = (bytes: number): X87Memory => ({ access: 'load', bytes });
const write = (bytes: X87Memory['bytes']): X87Memory => ({ access: 'write', bytes });
const read = (bytes: X87Memory['bytes']): X87Memory => ({ access: 'read', bytes });
const nowait: Extra = { check: 'fpu_check_nowait' };

const ARITHMETIC = ['ADD', 'MUL', 'COM', 'COMP', 'SUB', 'SUBR', 'DIV', 'DIVR'];
const IS_COMPARE = (digit: number) => digit === 2 || digit === 3;

/** D8, DA, DC, DE with a memory operand: the eight operations on ST(0) and a number in memory. */
function arithmeticMemory(opcode: number, prefix: string, format: 'm32' | 'm64' | 'i16' | 'i32', bytes: number) {
  return ARITHMETIC.map((name, digit) =>
    IS_COMPARE(digit)
      ? mem(opcode, digit, prefix + name, `fpu_compare_${format}`, [digit - 2], load(bytes))
      : mem(opcode, digit, prefix + name, `fpu_arith_${format}`, [digit], load(bytes)),
  );
}

/** DC and DE name the reversed forms by the other digit: the destination is ST(i). */
function arithmeticToSti(opcode: number, suffix: string, pops: number) {
  const names = ['ADD', 'MUL', '', '', 'SUBR', 'SUB', 'DIVR', 'DIV'];
  return [0, 1, 4, 5, 6, 7].map((digit) =>
    sti(opcode, digit, `F${names[digit]}${suffix}`, 'fpu_arith_st', [digit < 4 ? digit : digit ^ 1, 'i', 0, pops]),
  );
}

const CONSTANTS = ['FLD1', 'FLDL2T', 'FLDL2E', 'FLDPI', 'FLDLG2', 'FLDLN2', 'FLDZ'];

export const X87_OPCODES: readonly X87Row[] = [
  // D8
  ...arithmeticMemory(0xd8, 'F', 'm32', 4),
  ...ARITHMETIC.map((name, digit) =>
    IS_COMPARE(digit)
      ? sti(0xd8, digit, `F${name}`, 'fpu_compare_st', ['i', 0, digit - 2])
      : sti(0xd8, digit, `F${name}`, 'fpu_arith_st', [digit, 0, 'i', 0]),
  ),

  // D9
  mem(0xd9, 0, 'FLD', 'fpu_push_m32', [], load(4)),
  mem(0xd9, 2, 'FST', 'fpu_store_m32', [0], write(4)),
  mem(0xd9, 3, 'FSTP', 'fpu_store_m32', [1], write(4)),
  mem(0xd9, 4, 'FLDENV', 'fpu_ldenv', ['size'], read([14, 28])),
  mem(0xd9, 5, 'FLDCW', 'fpu_ldcw', [], load(2)),
  mem(0xd9, 6, 'FNSTENV', 'fpu_stenv', ['size'], write([14, 28]), nowait),
  row('mem', 0xd9, 7, 'FNSTCW', 'fpu_stcw', [], { ...nowait, result: 'm16' }),
  sti(0xd9, 0, 'FLD', 'fpu_push_st', ['i']),
  sti(0xd9, 1, 'FXCH', 'fpu_exchange', ['i']),
  one(0xd9, 0xd0, 'FNOP', 'fpu_nop'),
  sti(0xd9, 3, 'FSTPNCE', 'fpu_store_unchecked', ['i']),
  one(0xd9, 0xe0, 'FCHS', 'fpu_chs'),
  one(0xd9, 0xe1, 'FABS', 'fpu_abs'),
  one(0xd9, 0xe4, 'FTST', 'fpu_test'),
  one(0xd9, 0xe5, 'FXAM', 'fpu_examine'),
  ...CONSTANTS.map((name, n) => one(0xd9, 0xe8 + n, name, 'fpu_push_constant', [n])),
  one(0xd9, 0xf0, 'F2XM1', 'fpu_f2xm1'),
  one(0xd9, 0xf1, 'FYL2X', 'fpu_yl2x'),
  one(0xd9, 0xf2, 'FPTAN', 'fpu_ptan'),
  one(0xd9, 0xf3, 'FPATAN', 'fpu_patan'),
  one(0xd9, 0xf4, 'FXTRACT', 'fpu_extract'),
  one(0xd9, 0xf5, 'FPREM1', 'fpu_prem', [1]),
  one(0xd9, 0xf6, 'FDECSTP', 'fpu_decstp'),
  one(0xd9, 0xf7, 'FINCSTP', 'fpu_incstp'),
  one(0xd9, 0xf8, 'FPREM', 'fpu_prem', [0]),
  one(0xd9, 0xf9, 'FYL2XP1', 'fpu_yl2xp1'),
  one(0xd9, 0xfa, 'FSQRT', 'fpu_sqrt'),
  one(0xd9, 0xfb, 'FSINCOS', 'fpu_sincos'),
  one(0xd9, 0xfc, 'FRNDINT', 'fpu_rndint'),
  one(0xd9, 0xfd, 'FSCALE', 'fpu_scale'),
  one(0xd9, 0xfe, 'FSIN', 'fpu_sin'),
  one(0xd9, 0xff, 'FCOS', 'fpu_cos'),

  // DA
  ...arithmeticMemory(0xda, 'FI', 'i32', 4),
  sti(0xda, 0, 'FCMOVB', 'fpu_cmov', ['i'], { condition: 2 }),
  sti(0xda, 1, 'FCMOVE', 'fpu_cmov', ['i'], { condition: 4 }),
  sti(0xda, 2, 'FCMOVBE', 'fpu_cmov', ['i'], { condition: 6 }),
  sti(0xda, 3, 'FCMOVU', 'fpu_cmov', ['i'], { condition: 10 }),
  one(0xda, 0xe9, 'FUCOMPP', 'fpu_compare_st', [1, 1, 2]),

  // DB
  mem(0xdb, 0, 'FILD', 'fpu_push_i32', [], load(4)),
  mem(0xdb, 1, 'FISTTP', 'fpu_store_i32', [1, 1], write(4)),
  mem(0xdb, 2, 'FIST', 'fpu_store_i32', [0, 0], write(4)),
  mem(0xdb, 3, 'FISTP', 'fpu_store_i32', [1, 0], write(4)),
  mem(0xdb, 5, 'FLD', 'fpu_push_m80', [], load(10)),
  mem(0xdb, 7, 'FSTP', 'fpu_store_m80', [1], write(10)),
  sti(0xdb, 0, 'FCMOVNB', 'fpu_cmov', ['i'], { condition: 3 }),
  sti(0xdb, 1, 'FCMOVNE', 'fpu_cmov', ['i'], { condition: 5 }),
  sti(0xdb, 2, 'FCMOVNBE', 'fpu_cmov', ['i'], { condition: 7 }),
  sti(0xdb, 3, 'FCMOVNU', 'fpu_cmov', ['i'], { condition: 11 }),
  one(0xdb, 0xe0, 'FNENI', 'fpu_nop', [], nowait),
  one(0xdb, 0xe1, 'FNDISI', 'fpu_nop', [], nowait),
  one(0xdb, 0xe2, 'FNCLEX', 'fpu_clex', [], nowait),
  one(0xdb, 0xe3, 'FNINIT', 'fpu_init', [], nowait),
  one(0xdb, 0xe4, 'FNSETPM', 'fpu_nop', [], nowait),
  sti(0xdb, 5, 'FUCOMI', 'fpu_compare_flags', ['i', 1, 0]),
  sti(0xdb, 6, 'FCOMI', 'fpu_compare_flags', ['i', 0, 0]),

  // DC
  ...arithmeticMemory(0xdc, 'F', 'm64', 8),
  ...arithmeticToSti(0xdc, '', 0),
  sti(0xdc, 2, 'FCOM', 'fpu_compare_st', ['i', 0, 0]),
  sti(0xdc, 3, 'FCOMP', 'fpu_compare_st', ['i', 0, 1]),

  // DD
  mem(0xdd, 0, 'FLD', 'fpu_push_m64', [], load(8)),
  mem(0xdd, 1, 'FISTTP', 'fpu_store_i64', [1, 1], write(8)),
  mem(0xdd, 2, 'FST', 'fpu_store_m64', [0], write(8)),
  mem(0xdd, 3, 'FSTP', 'fpu_store_m64', [1], write(8)),
  mem(0xdd, 4, 'FRSTOR', 'fpu_restore', ['size'], read([94, 108])),
  mem(0xdd, 6, 'FNSAVE', 'fpu_save', ['size'], write([94, 108]), nowait),
  row('mem', 0xdd, 7, 'FNSTSW', 'fpu_stsw', [], { ...nowait, result: 'm16' }),
  sti(0xdd, 0, 'FFREE', 'fpu_free', ['i', 0]),
  sti(0xdd, 1, 'FXCH', 'fpu_exchange', ['i']),
  sti(0xdd, 2, 'FST', 'fpu_store_st', ['i', 0]),
  sti(0xdd, 3, 'FSTP', 'fpu_store_st', ['i', 1]),
  sti(0xdd, 4, 'FUCOM', 'fpu_compare_st', ['i', 1, 0]),
  sti(0xdd, 5, 'FUCOMP', 'fpu_compare_st', ['i', 1, 1]),

  // DE
  ...arithmeticMemory(0xde, 'FI', 'i16', 2),
  ...arithmeticToSti(0xde, 'P', 1),
  sti(0xde, 2, 'FCOMP', 'fpu_compare_st', ['i', 0, 1]),
  one(0xde, 0xd9, 'FCOMPP', 'fpu_compare_st', [1, 0, 2]),

  // DF
  mem(0xdf, 0, 'FILD', 'fpu_push_i16', [], load(2)),
  mem(0xdf, 1, 'FISTTP', 'fpu_store_i16', [1, 1], write(2)),
  mem(0xdf, 2, 'FIST', 'fpu_store_i16', [0, 0], write(2)),
  mem(0xdf, 3, 'FISTP', 'fpu_store_i16', [1, 0], write(2)),
  mem(0xdf, 4, 'FBLD', 'fpu_push_bcd', [], load(10)),
  mem(0xdf, 5, 'FILD', 'fpu_push_i64', [], load(8)),
  mem(0xdf, 6, 'FBSTP', 'fpu_store_bcd', [1], write(10)),
  mem(0xdf, 7, 'FISTP', 'fpu_store_i64', [1, 0], write(8)),
  sti(0xdf, 0, 'FFREEP', 'fpu_free', ['i', 1]),
  sti(0xdf, 1, 'FXCH', 'fpu_exchange', ['i']),
  sti(0xdf, 2, 'FSTP', 'fpu_store_st', ['i', 1]),
  sti(0xdf, 3, 'FSTP', 'fpu_store_st', ['i', 1]),
  one(0xdf, 0xe0, 'FNSTSW', 'fpu_stsw', [], { ...nowait, result: 'ax' }),
  sti(0xdf, 5, 'FUCOMIP', 'fpu_compare_flags', ['i', 1, 1]),
  sti(0xdf, 6, 'FCOMIP', 'fpu_compare_flags', ['i', 0, 1]),
];

/** Instructions outside D8..DF that are the monitor's x87 part. */
export const X87_RELATED = {
  /** 9B */
  WAIT: { call: 'fpu_wait' },
  /** 0F 77, preceded by mmx_check */
  EMMS: { call: 'emms' },
  /** 0F AE /0 and /1, preceded by fpu_check_nowait */
  FXSAVE: { call: 'fpu_fxsave', bytes: 512 },
  FXRSTOR: { call: 'fpu_fxrstor', bytes: 512 },
} as const;
