// x87, FXSAVE and WAIT: each row of x87-api.ts becomes a mnemonic of its own whose semantics is the row's call.

import type { Value } from '../../wasm/body.ts';
import type { Condition, Emitter } from '../emitter.ts';
import * as L from '../layout.ts';
import { FLAG_WRITERS, X87_OPCODES, X87_RELATED, type X87Memory, type X87Row } from '../x87-api.ts';
import { define } from './registry.ts';

/** Conditions by number, as in Jcc. */
const CONDITIONS: readonly Condition[] = ['O', 'B', 'E', 'BE', 'S', 'P', 'L', 'LE'];

function x87Mnemonic(row: X87Row): string {
  const rm = row.rm === undefined ? '' : `.${row.rm}`;
  return `${row.mnemonic}:${row.opcode.toString(16)}${row.form === 'mem' ? 'm' : 'r'}${row.digit}${rm}`;
}

const SIZE_LETTERS: Record<number, string> = { 2: 'w', 4: 'd', 8: 'q' };

function memoryOperand(memory: X87Memory | undefined, result: X87Row['result']): string {
  if (result === 'm16') return 'Mw';
  return `M${typeof memory?.bytes === 'number' ? (SIZE_LETTERS[memory.bytes] ?? '') : ''}`;
}

/** Lines of the opcode table for D8..DF. */
export const X87_OPCODE_LINES = X87_OPCODES.map((row) => {
  const opcode = row.opcode.toString(16);
  if (row.form === 'mem') return `${opcode}/${row.digit} ${x87Mnemonic(row)} ${memoryOperand(row.memory, row.result)}`;
  if (row.rm !== undefined) return `${opcode}=${(0xc0 | (row.digit << 3) | row.rm).toString(16)} ${x87Mnemonic(row)}`;
  return `${opcode}/${row.digit}r ${x87Mnemonic(row)} STi`;
}).join('\n');

function bytesOf(e: Emitter, memory: X87Memory): number {
  if (typeof memory.bytes === 'number') return memory.bytes;
  return memory.bytes[e.instruction.operandSize === 2 ? 0 : 1];
}

function memoryArguments(e: Emitter, memory: X87Memory, linear: Value): Value[] {
  const bytes = bytesOf(e, memory);
  if (memory.access !== 'load') return [linear];
  if (bytes === 10) return [e.load(8, linear), e.load(2, e.keep(linear.add(8)))];
  return [e.load(bytes, linear)];
}

/** Control instructions: they leave the pointers to the last instruction and its operand alone (SDM vol. 1 §8.1.8). */
const CONTROL = new Set(
  'fpu_init fpu_clex fpu_ldcw fpu_stcw fpu_stsw fpu_stenv fpu_ldenv fpu_save fpu_rstor'.split(' '),
);

/** FIP and FDP. Their selectors are 0, as CPUID says; FOP belongs to unmasked exceptions alone. */
function recordPointers(e: Emitter, linear: Value | undefined): void {
  e.body.store(4, e.cpu, e.address(), L.FPU_IP);
  if (!linear) return;
  const offset = e.instruction.memory === 'flat' ? linear : e.keep(e.effectiveAddress(0));
  e.body.store(4, e.cpu, offset, L.FPU_DP);
}

const ERROR_SUMMARY = 0x80;

/** #NM or #MF before an x87 instruction; the monitor is asked only when one may be due. */
function fpuCheck(e: Emitter, check: X87Row['check']): void {
  const trap = e.body.load(4, e.cpu, L.FPU_TRAP);
  const pending = e.body.load(4, e.cpu, L.FPU_SW).and(ERROR_SUMMARY);
  e.body.unlikely(check === 'fpu_check' ? trap.or(pending) : trap, () => e.monitor(check));
}

for (const row of X87_OPCODES) {
  define(
    x87Mnemonic(row),
    {
      sized: row.args.includes('size'),
      flags: FLAG_WRITERS.includes(row.call) ? 'sets' : row.condition === undefined ? 'none' : 'reads',
      mayFault: true,
    },
    (e) => {
      fpuCheck(e, row.check);
      const values: Value[] = [];
      for (const argument of row.args) {
        if (argument === 'i') values.push(e.keep(e.immediate()));
        else values.push(e.i32(argument === 'size' ? e.instruction.operandSize : argument));
      }
      const linear = row.memory && e.linear(0, bytesOf(e, row.memory), row.memory.access === 'write');
      if (row.memory && linear) values.push(...memoryArguments(e, row.memory, linear));
      if (row.condition !== undefined) {
        const holds = e.condition(CONDITIONS[row.condition >> 1]!);
        values.push(e.keep((row.condition & 1) !== 0 ? holds.eqz() : holds.bool()));
      }
      if (row.result === 'ax') e.setRegister(L.RAX, 2, e.monitorValue(row.call, ...values));
      else if (row.result === 'm16') e.write(0, e.monitorValue(row.call, ...values));
      else e.monitor(row.call, ...values);
      if (FLAG_WRITERS.includes(row.call)) e.flagsFromBlock();
      if (!CONTROL.has(row.call)) recordPointers(e, linear);
    },
  );
}

define('FWAIT', { mayFault: true }, (e) => e.monitor(X87_RELATED.WAIT.call));
define('EMMS', { mayFault: true }, (e) => {
  e.monitor('mmx_check');
  e.monitor(X87_RELATED.EMMS.call);
});
// Not in regions, which hold XMM registers in locals.
for (const mnemonic of ['FXSAVE', 'FXRSTOR'] as const)
  define(mnemonic, { mayFault: true, translatable: false }, (e) => {
    const { call, bytes } = X87_RELATED[mnemonic];
    fpuCheck(e, 'fpu_check_nowait');
    e.monitor(call, e.linear(0, bytes, mnemonic === 'FXSAVE'));
  });

/** An encoding without a definition yet: #UD, counted and logged with its bytes. */
define('UNKNOWN', { ends: true, translatable: false, mayFault: true }, (e) => {
  e.monitor('not_implemented', e.immediate(), e.address());
  e.endBlock(true);
});

export const FPU_STATE_OPCODES = `
0f.77 EMMS
0f.ae/0m FXSAVE M
0f.ae/1m FXRSTOR M
`;
