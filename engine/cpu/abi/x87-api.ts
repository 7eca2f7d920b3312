// The x87 part of the monitor (engine/cpu/monitor/fpu/*.ts): what it exports, and which call each x87 instruction needs.
//
// FPU_API has the form of MONITOR_API: name → WebAssembly signature, the first parameter is always `cpu`.
//
// X87_OPCODES has one row per encoding D8..DF; a pattern without a row is #UD. To run a row:
// 1. call `check` (skip the call while FPU_TRAP and, for fpu_check, SW.ES are both 0) and leave if FAULT is set;
// 2. evaluate the operand `memory` describes: 'load' reads `bytes` bytes (2, 4, 8 or 10; 10 as an i64 and then an i32 of
//    the upper 16 bits) and appends the value to the arguments; 'read' and 'write' append the *linear address* after the
//    segment check for `bytes` bytes, the monitor does the access itself and may set FAULT;
// 3. call `call` with (cpu, ...args, operand), where 'i' in args stands for the modrm.rm field and 'size' for the operand
//    size in bytes; with `condition`, the truth of that condition code (0 or 1) is the last argument;
// 4. `result` 'ax' goes to AX, 'm16' to the 16-bit memory operand (written by the caller, as for any other store).
// No x87 function touches RIP or general registers. Those in FLAG_WRITERS replace the arithmetic flags (canonical form).
// Source: Intel SDM vol. 1 ch. 8, vol. 2 appendix A.2.6 (escape opcodes).

export const FPU_API = {
  // Traps before an instruction: #NM (EM or TS) and, waiting forms, #MF (SW.ES).
  fpu_check: 'i:v',
  fpu_check_nowait: 'i:v',
  /** WAIT/FWAIT, the whole instruction: #NM needs MP and TS. */
  fpu_wait: 'i:v',
  /** Before an MMX instruction: #UD (EM), #NM (TS), #MF; then mmx_enter does TOP=0 and validates all tags. */
  mmx_check: 'i:v',
  mmx_enter: 'i:v',
  emms: 'i:v',

  // Control
  fpu_init: 'i:v',
  fpu_clex: 'i:v',
  fpu_ldcw: 'ii:v',
  fpu_stcw: 'i:i',
  fpu_stsw: 'i:i',
  fpu_incstp: 'i:v',
  fpu_decstp: 'i:v',
  fpu_free: 'iii:v', // (cpu, i, pops)
  fpu_nop: 'i:v',
  /** (cpu, FOP, CS, IP, DS, DP) records the pointers that FSTENV and FXSAVE show. */
  fpu_pointers: 'iiiiii:v',

  // Arithmetic. operation: 0 add 1 mul 4 sub 5 subr 6 div 7 divr, destination = destination op source.
  fpu_arith_st: 'iiiii:v', // (cpu, operation, destination i, source i, pops)
  fpu_arith_m32: 'iii:v', // (cpu, operation, bits)
  fpu_arith_m64: 'iil:v',
  fpu_arith_i16: 'iii:v',
  fpu_arith_i32: 'iii:v',
  fpu_chs: 'i:v',
  fpu_abs: 'i:v',
  fpu_sqrt: 'i:v',
  fpu_rndint: 'i:v',
  fpu_scale: 'i:v',
  fpu_extract: 'i:v',
  fpu_prem: 'ii:v', // (cpu, 0 FPREM, 1 FPREM1)

  // Comparison
  fpu_compare_st: 'iiii:v', // (cpu, i, unordered?, pops)
  fpu_compare_flags: 'iiii:v', // the same to ZF PF CF (FCOMI family)
  fpu_compare_m32: 'iii:v', // (cpu, pops, bits)
  fpu_compare_m64: 'iil:v',
  fpu_compare_i16: 'iii:v',
  fpu_compare_i32: 'iii:v',
  fpu_test: 'i:v',
  fpu_examine: 'i:v',

  // Transfer
  fpu_push_st: 'ii:v',
  fpu_push_m32: 'ii:v',
  fpu_push_m64: 'il:v',
  fpu_push_m80: 'ili:v',
  fpu_push_i16: 'ii:v',
  fpu_push_i32: 'ii:v',
  fpu_push_i64: 'il:v',
  fpu_push_bcd: 'ili:v',
  fpu_push_constant: 'ii:v', // (cpu, n) as the low three bits of D9 E8+n
  fpu_store_st: 'iii:v', // (cpu, i, pops)
  fpu_store_unchecked: 'ii:v',
  // Stores do the memory write themselves, since an unmasked exception or a fault suppresses both it and the pop.
  fpu_store_m32: 'iii:v', // (cpu, pops, linear)
  fpu_store_m64: 'iii:v',
  fpu_store_m80: 'iii:v',
  fpu_store_i16: 'iiii:v', // (cpu, pops, truncate?, linear)
  fpu_store_i32: 'iiii:v',
  fpu_store_i64: 'iiii:v',
  fpu_store_bcd: 'iii:v',
  fpu_exchange: 'ii:v',
  fpu_cmov: 'iii:v', // (cpu, i, condition)

  // Transcendental
  fpu_f2xm1: 'i:v',
  fpu_yl2x: 'i:v',
  fpu_yl2xp1: 'i:v',
  fpu_ptan: 'i:v',
  fpu_patan: 'i:v',
  fpu_sin: 'i:v',
  fpu_cos: 'i:v',
  fpu_sincos: 'i:v',

  // Numbers alone, (cpu, significand, sign and exponent, ...): the rest of the result is in FPU_RESULT (monitor/f80/fast.ts).
  f80_add: 'ililii:l', // (cpu, a, b, 0 or SIGN)
  f80_multiply: 'ilili:l',
  f80_divide: 'ilili:l',
  f80_square_root: 'ili:l',
  f80_to_integral: 'ili:l',
  f80_from_single: 'iii:l', // (cpu, bits, pushes?)
  f80_from_double: 'ili:l',
  f80_from_integer: 'il:l',
  f80_to_single: 'ili:i',
  f80_to_double: 'ili:l',
  f80_to_integer: 'iliii:l', // (cpu, a, bits, truncate?)
  f80_compare: 'ililii:i', // (cpu, a, b, unordered?)

  // Images in memory: (cpu, operand size 2|4, linear). FXSAVE and FXRSTOR: 512 bytes, (cpu, linear), #GP if misaligned.
  fpu_stenv: 'iii:v',
  fpu_ldenv: 'iii:v',
  fpu_save: 'iii:v',
  fpu_restore: 'iii:v',
  fpu_fxsave: 'ii:v',
  fpu_fxrstor: 'ii:v',
} as const;

export type FpuFunction = keyof typeof FPU_API;

/** Calls that replace ZF PF CF and clear OF SF AF in the CPU block. */
export const FLAG_WRITERS: readonly FpuFunction[] = ['fpu_compare_flags'];

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
