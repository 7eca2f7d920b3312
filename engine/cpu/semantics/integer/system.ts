// System instructions, far transfers, segment registers, port I/O: operand plumbing here, the work in the monitor.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import type { Instruction } from '../../isa/instruction.ts';
import type { Value } from '../../wasm/value.ts';

const SYSTEM = { translatable: false, mayFault: true } as const;
const ENDS = { ...SYSTEM, ends: true } as const;
/** The monitor moves control, and may change the mode: a region does it as it leaves. */
const MOVES = { ends: true, mayFault: true } as const;
/** Ends the interpreter's block, so that the dispatcher looks around; a region asks LEAVE instead. */
const CONTINUES = { ends: true, continues: true, mayFault: true } as const;
const operandSize = (e: Emitter): Value => e.i32(e.instruction.operandSize);

// ---- Segment registers
define('MOVFROMSEG', {}, (e) => {
  e.write(0, e.keep(e.segmentSelector(e.segmentOperand(1))));
});
/** Loading SS holds interrupts back, which is the dispatcher's. */
const loadsOther = ({ operands }: Instruction): boolean =>
  !operands.some((operand) => operand.kind === 'immediate' && operand.value === L.SEG_SS);
define('MOVTOSEG', { ...CONTINUES, translatable: loadsOther }, (e) => {
  e.monitor('seg_load', e.segmentOperand(0), e.read(1));
  e.endBlock(false);
});
define('PUSHSEG', { stack: true, sized: true, mayFault: true }, (e) => {
  e.push(e.instruction.operandSize, e.keep(e.segmentSelector(e.segmentOperand(0))));
});
const popSegment = (e: Emitter): void => {
  const selector = e.top(e.instruction.operandSize);
  e.monitor('seg_load', e.segmentOperand(0), selector.and(0xffff));
  e.release(e.instruction.operandSize);
  e.endBlock(false);
};
define('POPSEG', { ...CONTINUES, stack: true, sized: true }, popSegment);
define('POPSEG_SS', { ...ENDS, stack: true, sized: true }, popSegment);

const FAR_LOADS: readonly (readonly [string, number])[] = [
  ['LES', L.SEG_ES],
  ['LSS', L.SEG_SS],
  ['LDS', L.SEG_DS],
  ['LFS', L.SEG_FS],
  ['LGS', L.SEG_GS],
];
for (const [mnemonic, segment] of FAR_LOADS)
  define(mnemonic, ENDS, (e) => {
    const { offset, selector } = e.farPointer(1);
    e.monitor('seg_load', e.i32(segment), selector);
    e.write(0, offset);
    e.endBlock(false);
  });

// ---- Far transfers and interrupts
define('JMPF', { ...ENDS, sized: true }, (e) => {
  e.monitor('far_jump', e.farSelector(), e.immediate(), operandSize(e), e.next());
  e.endBlock(true);
});
define('CALLF', { ...ENDS, sized: true }, (e) => {
  e.monitor('far_call', e.farSelector(), e.immediate(), operandSize(e), e.next());
  e.endBlock(true);
});
define('JMPFM', { ...ENDS, sized: true }, (e) => {
  const { offset, selector } = e.farPointer(0);
  e.monitor('far_jump', selector, offset, operandSize(e), e.next());
  e.endBlock(true);
});
define('CALLFM', { ...ENDS, sized: true }, (e) => {
  const { offset, selector } = e.farPointer(0);
  e.monitor('far_call', selector, offset, operandSize(e), e.next());
  e.endBlock(true);
});
define('RETF', { ...ENDS, sized: true }, (e) => {
  e.monitor('far_return', operandSize(e), e.instruction.operands.length > 0 ? e.immediate() : e.i32(0));
  e.endBlock(true);
});
define('IRET', { ...MOVES, sized: true, flags: 'changes' }, (e) => {
  e.monitor('interrupt_return', operandSize(e), e.next());
  e.endBlock(true);
});
define('INT', { ...MOVES, comesBack: true }, (e) => {
  e.monitor('interrupt_software', e.immediate().and(0xff), e.next());
  e.endBlock(true);
});
define('INT3', ENDS, (e) => {
  e.monitor('interrupt_trap', e.i32(3), e.next());
  e.endBlock(true);
});
define('INTO', { ...ENDS, flags: 'reads' }, (e) => {
  e.body.if(
    e.condition('O'),
    () => {
      e.monitor('interrupt_trap', e.i32(4), e.next());
      e.endBlock(true);
    },
    () => e.endBlock(false),
  );
});
define('ICEBP', ENDS, (e) => {
  e.monitor('interrupt_icebp', e.next());
  e.endBlock(true);
});
define('SYSENTER', MOVES, (e) => {
  e.monitor('sysenter');
  e.endBlock(true);
});
define('SYSEXIT', { ...MOVES, sized: true }, (e) => {
  e.monitor('sysexit', operandSize(e));
  e.endBlock(true);
});

// ---- Flags
define('PUSHF', { mayFault: true, stack: true, sized: true, flags: 'reads' }, (e) => {
  e.push(e.instruction.operandSize, e.keep(e.monitorValue('pushf', operandSize(e))));
});
define('POPF', { ...CONTINUES, stack: true, sized: true, flags: 'changes' }, (e) => {
  const image = e.top(e.instruction.operandSize);
  e.monitor('popf', image, operandSize(e));
  e.flagsFromBlock();
  e.release(e.instruction.operandSize);
  e.endBlock(false);
});
define('CLI', CONTINUES, (e) => {
  e.monitor('cli');
  e.endBlock(false);
});
define('STI', { ...CONTINUES, inhibits: true }, (e) => {
  e.monitor('sti');
  e.endBlock(false);
});
for (const [mnemonic, name] of [
  ['HLT', 'halt'],
  ['CLTS', 'clts'],
  ['WBINVD', 'wbinvd'],
] as const)
  define(mnemonic, ENDS, (e) => {
    e.monitor(name);
    e.endBlock(false);
  });

// ---- Tables, control and debug registers
define('SLDT STR', SYSTEM, (e) => {
  const segment = e.instruction.mnemonic === 'SLDT' ? L.SEG_LDTR : L.SEG_TR;
  e.protectedModeOnly();
  e.monitor('umip_check');
  e.write(0, e.keep(e.segmentSelector(e.i32(segment))));
});
define('LLDT', SYSTEM, (e) => {
  e.protectedModeOnly();
  e.monitor('supervisor_check');
  e.monitor('lldt', e.read(0));
});
define('LTR', SYSTEM, (e) => {
  e.protectedModeOnly();
  e.monitor('supervisor_check');
  e.monitor('ltr', e.read(0));
});
define('VERR', { ...SYSTEM, flags: 'changes' }, (e) => {
  e.protectedModeOnly();
  e.monitor('verr', e.read(0));
});
define('VERW', { ...SYSTEM, flags: 'changes' }, (e) => {
  e.protectedModeOnly();
  e.monitor('verw', e.read(0));
});
for (const [mnemonic, name] of [
  ['LAR', 'lar'],
  ['LSL', 'lsl'],
] as const)
  define(mnemonic, { ...SYSTEM, flags: 'changes' }, (e) => {
    e.protectedModeOnly();
    const value = e.monitorValue(name, e.read(1));
    const old = e.read(0);
    e.write(0, e.keep(e.body.select(e.condition('E'), value, old)));
  });
// Memory is written only if the RPL is raised, so a destination that already fits may be read-only.
define('ARPL', { ...SYSTEM, flags: 'changes' }, (e) => {
  e.protectedModeOnly();
  const before = e.read(0);
  const level = e.keep(e.read(1).and(3));
  e.body.if(before.and(3).ltU(level), () => e.write(0, e.keep(before.and(~3).or(level))));
  e.monitor('arpl', before, level);
});
define('SGDT SIDT', { ...SYSTEM, sized: true }, (e) => {
  const global = e.instruction.mnemonic === 'SGDT';
  e.monitor('umip_check');
  const linear = e.linear(0, 6, true);
  // A word and a doubleword, each at a multiple of its size (SDM vol. 3 §3.5.1).
  e.monitor('mem_probe', linear, e.i32(6), e.i32(2), e.i32(1));
  e.monitor('mem_probe', linear.add(2), e.i32(4), e.i32(4), e.i32(1));
  const limit = e.keep(e.body.load(4, e.cpu, global ? L.GDTR_LIMIT : L.IDTR_LIMIT));
  const base = e.keep(e.body.load(4, e.cpu, global ? L.GDTR_BASE : L.IDTR_BASE));
  e.store(2, linear, limit);
  e.store(4, e.keep(linear.add(2)), base);
});
define('LGDT LIDT', { ...ENDS, sized: true }, (e) => {
  e.monitor('supervisor_check');
  const linear = e.linear(0, 6, false);
  const limit = e.load(2, linear);
  const base = e.load(4, linear.add(2));
  e.monitor(
    'ldt_table',
    e.i32(e.instruction.mnemonic === 'LGDT' ? 0 : 1),
    e.instruction.operandSize === 2 ? base.and(0xffffff) : base,
    limit,
  );
  e.endBlock(false);
});
define('SMSW', SYSTEM, (e) => {
  e.monitor('umip_check');
  e.write(0, e.keep(e.body.load(4, e.cpu, L.CR0)));
});
define('LMSW', ENDS, (e) => {
  e.monitor('supervisor_check');
  e.monitor('lmsw', e.read(0));
  e.endBlock(false);
});
define('INVLPG', CONTINUES, (e) => {
  e.monitor('invlpg', e.linearUnchecked(0));
  e.endBlock(false);
});
define('MOVFROMCR', { mayFault: true }, (e) => e.write(0, e.monitorValue('cr_read', e.segmentOperand(1))));
define('MOVFROMDR', SYSTEM, (e) => e.write(0, e.monitorValue('dr_read', e.segmentOperand(1))));
define('MOVTOCR', ENDS, (e) => {
  e.monitor('cr_write', e.segmentOperand(0), e.read(1));
  e.endBlock(false);
});
define('MOVTODR', ENDS, (e) => {
  e.monitor('dr_write', e.segmentOperand(0), e.read(1));
  e.endBlock(false);
});
for (const [mnemonic, name] of [
  ['CPUID', 'cpuid'],
  ['RDMSR', 'rdmsr'],
  ['RDPMC', 'rdpmc'],
] as const)
  define(mnemonic, SYSTEM, (e) => e.monitor(name));
// CLAC closes user-mode pages to supervisor code: a region discards what it has checked.
define('CLAC', { mayFault: true }, (e) => e.monitor('clac'));
define('STAC', { mayFault: true }, (e) => e.monitor('stac'));
define('RDPID', SYSTEM, (e) => e.write(0, e.monitorValue('rdpid')));
define('RDTSC', { mayFault: true }, (e) => e.monitor('rdtsc'));
define('RDTSCP', { mayFault: true }, (e) => e.monitor('rdtscp'));
define('WRMSR', ENDS, (e) => {
  e.monitor('wrmsr');
  e.endBlock(false);
});

// ---- Ports
define('IN', SYSTEM, (e) => {
  e.write(0, e.monitorValue('port_in', e.read(1), e.i32(e.size(0))));
});
define('OUT', { quick: true, mayFault: true }, (e) => {
  const operands = [e.read(1), e.i32(e.size(0)), e.read(0)];
  e.quickly('port_out_quick', operands, () => e.monitor('port_out', ...operands));
});

// ---- Exceptions on purpose
define('BOUND', { ...SYSTEM, sized: true }, (e) => {
  const linear = e.linear(1, e.size() * 2, false);
  e.monitor('bound', e.read(0), linear, operandSize(e));
});
define('UD', ENDS, (e) => {
  e.monitor('undefined_opcode');
  e.endBlock(true);
});
define('GP', ENDS, (e) => {
  e.monitor('raise', e.i32(13), e.i32(0), e.i32(1));
  e.endBlock(true);
});
