// Entry point of monitor.wasm: what is exported here is the module's surface. isa/monitor-api.ts lists what generated code
// calls; the rest is for the dispatcher, the machine and tests.

export { breakpoints_update } from './breakpoints';
export { rdpid, rdpmc, rdtsc, rdtscp } from './clock';
export { clts, cr_read, cr_write, lmsw } from './control-registers';
export { cpuid } from './cpuid';
export { crc32c } from './crc32c';
export { dr_read, dr_write } from './debug-registers';
export {
  deliver_fault,
  deliver_interrupt,
  interrupt_icebp,
  interrupt_software,
  interrupt_trap,
} from './delivery';
export { arpl, lar, lsl, verr, verw } from './descriptor-queries';
export { run } from './dispatch';
export { raise, undefined_opcode } from './exceptions';
export { far_call } from './far-call';
export { far_jump } from './far-jump';
export { far_return } from './far-return';
export { sysenter, sysexit } from './fast-calls';
export { code_address, code_page } from './fetch';
export { cli, popf, pushf, sti } from './flag-instructions';
export { eflags_read, flags_aux, flags_canonical } from './flags';
export * from './fpu';
export { interrupt_return } from './interrupt-return';
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
} from './memory';
export { mode_update } from './mode';
export { rdmsr, wrmsr } from './msr';
export {
  phys_read8,
  phys_read16,
  phys_read32,
  phys_read64,
  phys_write8,
  phys_write16,
  phys_write32,
  phys_write64,
  readable_page,
} from './physical';
export { port_in, port_out } from './port-io';
export { supervisor_check, umip_check } from './privilege';
export { cpu_reset } from './reset';
export { lldt, ltr, seg_check, seg_load } from './segments';
export { mask_store, sse_check } from './sse';
export { sse_arith32, sse_arith64 } from './sse-arith';
export { sse_compare32, sse_compare64, sse_order32, sse_order64 } from './sse-compare';
export {
  sse_double_to_integer,
  sse_double_to_single,
  sse_integer_to_single,
  sse_round32,
  sse_round64,
  sse_single_to_double,
  sse_single_to_integer,
} from './sse-convert';
export { sse_string_explicit, sse_string_implicit, sse_string_mask } from './sse-string';
export { bound, enter, popa, pusha } from './stack-frames';
export { string_cmps, string_scas } from './string-compare';
export { string_ins, string_outs } from './string-io';
export { string_lods, string_movs, string_stos } from './string-move';
export { halt, invlpg, ldt_table, not_implemented, wbinvd } from './system';
export {
  code_mappings_changed,
  tlb_flush,
  tlb_flush_page,
  tlb_forget_physical,
  tlb_withdraw_page_writes,
  tlb_withdraw_writes,
} from './tlb';
export { clac, stac } from './user-pages';
