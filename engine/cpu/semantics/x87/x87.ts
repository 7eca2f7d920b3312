// x87, FXSAVE and WAIT: each row of x87-api.ts becomes a mnemonic of its own whose semantics is the row's call.

import * as L from '../../abi/layout.ts';
import { may } from '../../abi/monitor-functions.ts';
import { type FpuFunction, X87_OPCODES, X87_RELATED, type X87Memory, type X87Row } from '../../abi/x87-api.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Condition } from '../../emitter/flag-formulas.ts';
import { STATUS_SUMMARY } from '../../emitter/x87-stack.ts';
import { x87Mnemonic } from '../../isa/opcodes-x87.ts';
import type { Value } from '../../wasm/value.ts';
import { pushConstant, X87_COMMON } from './common.ts';

/** Conditions by number, as in Jcc. */
const CONDITIONS: readonly Condition[] = ['O', 'B', 'E', 'BE', 'S', 'P', 'L', 'LE'];

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
const CONTROL: ReadonlySet<FpuFunction> = new Set([
  'fpu_init',
  'fpu_clex',
  'fpu_ldcw',
  'fpu_stcw',
  'fpu_stsw',
  'fpu_stenv',
  'fpu_ldenv',
  'fpu_save',
  'fpu_restore',
]);

/** FIP and FDP. Their selectors are 0, as CPUID says; FOP belongs to unmasked exceptions alone. */
function recordPointers(e: Emitter, linear: Value | undefined): void {
  const flat = e.instruction.memory === 'flat';
  e.x87Pointers(linear && (flat ? linear : e.keep(e.effectiveAddress(0))));
}

/** #NM or #MF before an x87 instruction; the monitor is asked only when one may be due. */
function fpuCheck(e: Emitter, check: X87Row['check']): void {
  const trap = e.body.load(4, e.cpu, L.FPU_TRAP);
  const pending = e.body.load(4, e.cpu, L.FPU_SW).and(STATUS_SUMMARY);
  e.raiseIf(check === 'fpu_check' ? trap.or(pending) : trap, check);
}

function commonCaseOf({ call, args }: X87Row): (typeof X87_COMMON)[FpuFunction] {
  return call === 'fpu_push_constant' ? pushConstant(args[0] as number) : X87_COMMON[call];
}

function giveResult(e: Emitter, row: X87Row, value: Value): void {
  if (row.result === 'ax') e.setRegister(L.RAX, 2, value);
  else e.write(0, value);
}

for (const row of X87_OPCODES) {
  const common = commonCaseOf(row);
  define(
    x87Mnemonic(row),
    {
      sized: row.args.includes('size'),
      flags: may(row.call, 'writes flags') ? 'sets' : row.condition === undefined ? 'none' : 'reads',
      mayFault: true,
    },
    (e) => {
      if (!common) e.settleX87();
      e.facts.oncePerBlock(row.check, () => fpuCheck(e, row.check));
      const args: Value[] = [];
      for (const argument of row.args) {
        if (argument === 'i') args.push(e.keep(e.immediate()));
        else args.push(e.i32(argument === 'size' ? e.instruction.operandSize : argument));
      }
      const linear = row.memory && e.linear(0, bytesOf(e, row.memory), row.memory.access === 'write');
      const operands = row.memory && linear ? memoryArguments(e, row.memory, linear) : [];
      if (row.condition !== undefined) {
        const holds = e.condition(CONDITIONS[row.condition >> 1]!);
        args.push(e.keep((row.condition & 1) !== 0 ? holds.eqz() : holds.bool()));
      }
      const inGeneral = (): void => {
        if (row.result) giveResult(e, row, e.monitorValue(row.call, ...args, ...operands));
        else e.monitor(row.call, ...args, ...operands);
        if (may(row.call, 'writes flags')) e.flagsFromBlock();
      };
      if (!common) inGeneral();
      else
        e.x87((stack) => {
          const result = common({ e, stack, args, operand: operands[0] ?? e.i32(0) });
          if (result) giveResult(e, row, result);
        }, inGeneral);
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
    e.settleX87();
    fpuCheck(e, 'fpu_check_nowait');
    e.monitor(call, e.linear(0, bytes, mnemonic === 'FXSAVE'));
  });

/** An instruction of an extension that this CPU does not have (opcodes-absent.ts): #UD, counted and logged with its bytes. */
define('UNKNOWN', { ends: true, translatable: false, mayFault: true }, (e) => {
  e.monitor('not_implemented', e.immediate(), e.address());
  e.endBlock(true);
});
