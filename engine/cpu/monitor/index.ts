// Entry point of monitor.wasm: what is exported here is the module's surface. cpu/abi/monitor-api.ts lists what generated code
// calls; the rest is for the dispatcher, the machine and tests.

export { run } from './dispatch/dispatch';
export * from './fpu/fpu';
export {
  deliver_fault,
  deliver_interrupt,
  deliver_pending,
  interrupt_icebp,
  interrupt_software,
  interrupt_trap,
} from './interrupts/delivery';
export { cli, popf, pushf, sti } from './interrupts/flag-instructions';
export { interrupt_return } from './interrupts/interrupt-return';
export { breakpoints_update } from './memory/breakpoints';
export { code_address, code_page } from './memory/fetch';
export {
  mem_probe,
  mem_read8,
  mem_read16,
  mem_read32,
  mem_read64,
  mem_write8,
  mem_write16,
  mem_write32,
  mem_write64,
} from './memory/memory';
export { page_for_reads, page_for_writes, readable_page } from './memory/physical';
export {
  phys_read8,
  phys_read16,
  phys_read32,
  phys_read64,
  phys_write8,
  phys_write16,
  phys_write32,
  phys_write64,
} from './memory/physical-access';
export { tlb_reconcile } from './memory/rights';
export {
  code_mappings_changed,
  tlb_flush,
  tlb_flush_page,
  tlb_forget_machine,
  tlb_withdraw_page_writes,
  tlb_withdraw_writes,
} from './memory/tlb';
export { clac, stac } from './memory/user-pages';
export { arpl, lar, lsl, verr, verw } from './segments/descriptor-queries';
export { mode_update } from './segments/mode';
export { lldt, ltr, seg_check, seg_load } from './segments/segments';
export { bound, enter, popa, pusha } from './segments/stack-frames';
export { sse_arith32, sse_arith64 } from './sse/arith';
export { sse_compare32, sse_compare64, sse_order32, sse_order64 } from './sse/compare';
export {
  sse_double_to_integer,
  sse_double_to_single,
  sse_integer_to_single,
  sse_round32,
  sse_round64,
  sse_single_to_double,
  sse_single_to_integer,
} from './sse/convert';
export { mask_store, sse_check } from './sse/sse';
export { sse_string_explicit, sse_string_implicit, sse_string_mask } from './sse/string';
export { raise, undefined_opcode } from './state/exceptions';
export { eflags_read, flags_aux, flags_canonical } from './state/flags';
export { string_cmps, string_scas } from './strings/compare';
export { string_lods, string_movs, string_stos } from './strings/move';
export { string_ins, string_outs } from './strings/port-io';
export { rdpid, rdpmc, rdtsc, rdtscp } from './system/clock';
export { clts, cr_read, cr_write, lmsw } from './system/control-registers';
export { cpuid } from './system/cpuid';
export { crc32c } from './system/crc32c';
export { dr_read, dr_write } from './system/debug-registers';
export { rdmsr, wrmsr } from './system/msr';
export { port_in, port_out, port_out_quick } from './system/port-io';
export { supervisor_check, umip_check } from './system/privilege';
export { cpu_reset } from './system/reset';
export { halt, invlpg, ldt_table, not_implemented, wbinvd } from './system/system';
export { far_call } from './transfers/far-call';
export { far_jump } from './transfers/far-jump';
export { far_return } from './transfers/far-return';
export { sysenter, sysexit } from './transfers/fast-calls';
