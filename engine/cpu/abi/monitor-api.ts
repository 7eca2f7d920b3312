// What generated code may call in the monitor (engine/cpu/monitor, AssemblyScript): name → WebAssembly signature, 'i' = i32,
// 'l' = i64, before the colon the parameters, after it the result ('v' = none). The first parameter is always `cpu`.
//
// Rules that every function here keeps:
// - It may raise an exception: then it has recorded it in FAULT, EXC_* (and CR2), changed nothing else that the guest can
//   see, and its result means nothing. The caller looks at FAULT. Delivery happens later, in the dispatcher, with RIP at
//   the faulting instruction.
// - A control transfer sets RIP to its target. No other function touches RIP. A function that gets `next` receives the
//   address of the following instruction (return address).
// - Arithmetic flags are canonical (F_KIND 0) when it is called, and when it returns, unless it is listed as FPU or flags.
// - Linear addresses are i32 in legacy modes.
export const MONITOR_API = {
  // Memory through the TLB's slow path: fill, page crossing, dirty log, code pages, MMIO. CPL decides the rights.
  mem_read8: 'ii:i',
  mem_read16: 'ii:i',
  mem_read32: 'ii:i',
  mem_read64: 'ii:l',
  mem_write8: 'iii:v',
  mem_write16: 'iii:v',
  mem_write32: 'iii:v',
  mem_write64: 'iil:v',
  /** Raises what an access to the whole operand would raise, and does nothing else. (cpu, linear, bytes, alignment, write?) */
  mem_probe: 'iiiii:v',
  /** (cpu, segment number, offset, size, write?) judges an access the plain bound test refused: #GP or #SS, or nothing. */
  seg_check: 'iiiii:v',

  // Segment registers and far transfers. operandSize is 2 or 4 (8 in long mode).
  /** (cpu, segment number, selector) MOV/POP/LES.. to ES SS DS FS GS. */
  seg_load: 'iii:v',
  far_jump: 'iiiii:v', // (cpu, selector, offset, operandSize, next)
  far_call: 'iiiii:v', // (cpu, selector, offset, operandSize, next)
  far_return: 'iii:v', // (cpu, operandSize, bytes to release)
  interrupt_return: 'iii:v', // (cpu, operandSize, next); next matters when it leaves a nested task
  interrupt_software: 'iii:v', // (cpu, vector, next) INT n, with the vm86 and gate-DPL checks
  interrupt_trap: 'iii:v', // (cpu, vector, next) INT3 (3) and INTO (4)
  interrupt_icebp: 'ii:v', // (cpu, next) INT1
  sysenter: 'i:v',
  sysexit: 'ii:v', // (cpu, operandSize)
  lldt: 'ii:v',
  ltr: 'ii:v',
  /** LAR, LSL return the value and set ZF; the caller writes the register only if ZF is set. VERR, VERW, ARPL set ZF. */
  lar: 'ii:i',
  lsl: 'ii:i',
  verr: 'ii:v',
  verw: 'ii:v',
  arpl: 'iii:v', // (cpu, destination, source) after the destination has been written

  // Flags
  /** (cpu, operandSize) What PUSHF pushes. */
  pushf: 'ii:i',
  popf: 'iii:v', // (cpu, value, operandSize)
  cli: 'i:v',
  sti: 'i:v',
  clac: 'i:v',
  stac: 'i:v',
  /** (cpu, kind, a, b, r) → aux of the canonical form, for a lazy state held in locals. */
  flags_aux: 'iiiii:i',
  /** Makes the CPU block's flags canonical. */
  flags_canonical: 'i:v',

  // System. The CPL-0 checks are the monitor's.
  /** #GP(0) outside of CPL 0, for instructions that do not come to read their operand then. */
  supervisor_check: 'i:v',
  cr_read: 'ii:i', // (cpu, n)
  cr_write: 'iii:v', // (cpu, n, value)
  dr_read: 'ii:i',
  dr_write: 'iii:v',
  lmsw: 'ii:v',
  umip_check: 'i:v', // of the instructions that CR4.UMIP keeps from user mode
  clts: 'i:v',
  /** (cpu, which 0 = GDT 1 = IDT, base, limit) */
  ldt_table: 'iiii:v',
  invlpg: 'ii:v', // (cpu, linear)
  wbinvd: 'i:v',
  cpuid: 'i:v',
  rdmsr: 'i:v',
  wrmsr: 'i:v',
  rdtsc: 'i:v', // to EDX:EAX
  rdtscp: 'i:v', // to EDX:EAX and ECX
  rdpid: 'i:i',
  rdpmc: 'i:v',
  halt: 'i:v',
  undefined_opcode: 'i:v', // UD2 and every encoding that is #UD by definition
  /** (cpu, first bytes of the encoding, its RIP) raises #UD and counts it in N_UNDEFINED; the host side logs it. */
  not_implemented: 'iii:v',
  /** (cpu, vector, error, has error) */
  raise: 'iiii:v',

  // Port I/O with the IOPL / I/O-bitmap check.
  port_in: 'iii:i', // (cpu, port, size)
  port_out: 'iiii:v', // (cpu, port, size, value)

  // String instructions, whole or in part. Registers RSI, RDI, RCX and flags are brought up to date as far as it came, so a
  // fault in the middle is precise. Result 1: more iterations are due (budget, or an interrupt may come): RIP stays.
  // (cpu, element size, address size 2|4|8, source segment number, rep: 0 none, 1 REP/REPE, 2 REPNE)
  string_movs: 'iiiii:i',
  string_stos: 'iiiii:i',
  string_lods: 'iiiii:i',
  string_scas: 'iiiii:i',
  string_cmps: 'iiiii:i',
  string_ins: 'iiiii:i',
  string_outs: 'iiiii:i',

  // Stack frames
  pusha: 'ii:v', // (cpu, operandSize)
  popa: 'ii:v',
  enter: 'iiii:v', // (cpu, operandSize, frame bytes, nesting level)
  bound: 'iiii:v', // (cpu, index, linear address of the bounds, operandSize) after the segment check
} as const;

export type MonitorFunction = keyof typeof MONITOR_API;
