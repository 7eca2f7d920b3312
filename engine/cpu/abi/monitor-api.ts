// What generated code may call in the monitor (engine/cpu/monitor, AssemblyScript): name → its record
// (monitor-record.ts). The first parameter is always `cpu`.
//
// Rules that every function here keeps:
// - It may raise an exception: then it has recorded it in FAULT, EXC_* (and CR2), changed nothing else that the guest can
//   see, and its result means nothing. The caller looks at FAULT. Delivery happens later, in the dispatcher, with RIP at
//   the faulting instruction.
// - A control transfer sets RIP to its target. No other function touches RIP. A function that gets `next` receives the
//   address of the following instruction (return address).
// - Arithmetic flags are canonical (F_KIND 0) when it is called, and when it returns, unless it is listed as FPU or flags.
// - Linear addresses are i32 in legacy modes.
import { RAX, RCX, RDX } from './layout.ts';
import { fills, type MonitorRecord, returns } from './monitor-record.ts';

export const MONITOR_API = {
  // Memory through the TLB's slow path: fill, page crossing, dirty log, code pages, MMIO. CPL decides the rights.
  mem_read8: returns('ii:i', 'loads', 'faults'),
  mem_read16: returns('ii:i', 'loads', 'faults'),
  mem_read32: returns('ii:i', 'loads', 'faults'),
  mem_read64: returns('ii:l', 'loads', 'faults'),
  mem_write8: returns('iii:v', 'stores', 'faults'),
  mem_write16: returns('iii:v', 'stores', 'faults'),
  mem_write32: returns('iii:v', 'stores', 'faults'),
  mem_write64: returns('iil:v', 'stores', 'faults'),
  /** Raises what an access to the whole operand would raise, and does nothing else. (cpu, linear, bytes, alignment, write?) */
  mem_probe: returns('iiiii:v', 'loads', 'faults'),
  /** (cpu, segment number, offset, size, write?) checks an access that the plain bound test refused: #GP or #SS, or nothing. */
  seg_check: returns('iiiii:v', 'faults'),

  // Segment registers and far transfers. operandSize is 2 or 4 (8 in long mode).
  /** (cpu, segment number, selector) MOV/POP/LES.. to ES SS DS FS GS. */
  seg_load: returns('iii:v', 'loads', 'stores', 'faults', 'maps'),
  far_jump: returns('iiiii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, selector, offset, operandSize, next)
  far_call: returns('iiiii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, selector, offset, operandSize, next)
  far_return: returns('iii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, operandSize, bytes to release)
  interrupt_return: returns('iii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, operandSize, next); next matters when it leaves a nested task
  interrupt_software: returns('iii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, vector, next) INT n, with the vm86 and gate-DPL checks
  interrupt_trap: returns('iii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, vector, next) INT3 (3) and INTO (4)
  interrupt_icebp: returns('ii:v', 'loads', 'stores', 'faults', 'maps', 'registers', 'transfers'), // (cpu, next) INT1
  sysenter: returns('i:v', 'faults', 'maps', 'registers', 'transfers'),
  sysexit: returns('ii:v', 'faults', 'maps', 'registers', 'transfers'), // (cpu, operandSize)
  lldt: returns('ii:v', 'loads', 'faults'),
  ltr: returns('ii:v', 'loads', 'stores', 'faults'),
  /** LAR, LSL return the value and set ZF; the caller writes the register only if ZF is set. VERR, VERW, ARPL set ZF. */
  lar: returns('ii:i', 'loads', 'faults', 'reads flags', 'writes flags'),
  lsl: returns('ii:i', 'loads', 'faults', 'reads flags', 'writes flags'),
  verr: returns('ii:v', 'loads', 'faults', 'reads flags', 'writes flags'),
  verw: returns('ii:v', 'loads', 'faults', 'reads flags', 'writes flags'),
  arpl: returns('iii:v', 'reads flags', 'writes flags'), // (cpu, destination, source) after the destination has been written

  // Flags
  /** (cpu, operandSize) What PUSHF pushes. */
  pushf: returns('ii:i', 'faults', 'reads flags'),
  popf: returns('iii:v', 'faults', 'maps', 'writes flags'), // (cpu, value, operandSize)
  cli: returns('i:v', 'faults'),
  sti: returns('i:v', 'faults'),
  clac: returns('i:v', 'faults', 'maps'),
  stac: returns('i:v', 'faults'),
  /** (cpu, kind, a, b, r) → aux of the canonical form, for a lazy state held in locals. */
  flags_aux: returns('iiiii:i'),
  /** Makes the CPU block's flags canonical. */
  flags_canonical: returns('i:v', 'reads flags', 'writes flags'),

  // System. The CPL-0 checks are the monitor's.
  /** #GP(0) outside of CPL 0, for instructions that do not come to read their operand then. */
  supervisor_check: returns('i:v', 'faults'),
  cr_read: returns('ii:i', 'faults'), // (cpu, n)
  cr_write: returns('iii:v', 'loads', 'faults', 'maps'), // (cpu, n, value)
  dr_read: returns('ii:i', 'faults'),
  dr_write: returns('iii:v', 'faults', 'maps'),
  lmsw: returns('ii:v', 'loads', 'faults', 'maps'),
  umip_check: returns('i:v', 'faults'), // of the instructions that CR4.UMIP keeps from user mode
  clts: returns('i:v', 'faults', 'maps'),
  /** (cpu, which 0 = GDT 1 = IDT, base, limit) */
  ldt_table: returns('iiii:v', 'faults'),
  invlpg: returns('ii:v', 'faults', 'maps'), // (cpu, linear)
  wbinvd: returns('i:v', 'faults'),
  cpuid: returns('i:v', 'registers'),
  rdmsr: returns('i:v', 'faults', 'registers'),
  wrmsr: returns('i:v', 'faults', 'maps', 'registers'),
  rdtsc: fills([RAX, RDX], 'i:v', 'faults'), // to EDX:EAX
  rdtscp: fills([RAX, RDX, RCX], 'i:v', 'faults'), // to EDX:EAX and ECX
  rdpid: returns('i:i', 'faults'),
  rdpmc: returns('i:v', 'faults'),
  halt: returns('i:v', 'faults'),
  undefined_opcode: returns('i:v', 'faults'), // UD2 and every encoding that is #UD by definition
  /** (cpu, first bytes of the encoding, its RIP) raises #UD and counts it in N_UNDEFINED; the host side logs it. */
  not_implemented: returns('iii:v', 'faults'),
  /** (cpu, vector, error, has error) */
  raise: returns('iiii:v', 'faults'),

  // Port I/O with the IOPL / I/O-bitmap check.
  port_in: returns('iii:i', 'loads', 'faults', 'maps'), // (cpu, port, size)
  port_out: returns('iiii:v', 'loads', 'faults', 'maps', 'device registers'), // (cpu, port, size, value)
  /** The same where that needs neither checks nor a device: 1 if it is done, else nothing has changed. */
  port_out_quick: returns('iiii:i', 'device registers'),

  // String instructions, whole or in part. Registers RSI, RDI, RCX and flags are brought up to date as far as it came, so a
  // fault in the middle is precise. Result 1: more iterations are due (budget, or an interrupt may come): RIP stays.
  // (cpu, element size, address size 2|4|8, source segment number, rep: 0 none, 1 REP/REPE, 2 REPNE)
  string_movs: returns('iiiii:i', 'loads', 'stores', 'faults', 'registers'),
  string_stos: returns('iiiii:i', 'loads', 'stores', 'faults', 'registers'),
  string_lods: returns('iiiii:i', 'loads', 'faults', 'registers'),
  string_scas: returns('iiiii:i', 'loads', 'faults', 'registers'),
  string_cmps: returns('iiiii:i', 'loads', 'faults', 'registers'),
  string_ins: returns('iiiii:i', 'loads', 'stores', 'faults', 'maps', 'registers'),
  string_outs: returns('iiiii:i', 'loads', 'faults', 'maps', 'registers'),

  // Stack frames
  pusha: returns('ii:v', 'loads', 'stores', 'faults', 'registers'), // (cpu, operandSize)
  popa: returns('ii:v', 'loads', 'faults', 'registers'),
  enter: returns('iiii:v', 'loads', 'stores', 'faults', 'registers'), // (cpu, operandSize, frame bytes, nesting level)
  bound: returns('iiii:v', 'loads', 'faults'), // (cpu, index, linear address of the bounds, operandSize) after the segment check
} as const satisfies Record<string, MonitorRecord>;

export type MonitorFunction = keyof typeof MONITOR_API;
