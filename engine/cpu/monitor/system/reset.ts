// The CPU after RESET (Intel SDM vol. 3 §9.1.1, table 9-1). Fields that belong to the host (memory, code map, arena,
// counters, TSC_OFFSET, doorbell but for an NMI not yet taken) are left alone.

import {
  A20_MASK,
  CPL,
  CR0,
  CR2,
  CR3,
  CR4,
  DOORBELL,
  DOORBELL_NMI,
  DR,
  EFER,
  FAULT,
  FPR,
  FPU_CS,
  FPU_CW,
  FPU_DP,
  FPU_DS,
  FPU_IGNNE,
  FPU_IP,
  FPU_OPCODE,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
  GDTR_BASE,
  GDTR_LIMIT,
  GPR,
  HAS_LOCAL_APIC,
  IDTR_BASE,
  IDTR_LIMIT,
  JC,
  JC_ENTRIES,
  JC_ENTRY_SIZE,
  LEAVE,
  MSR_APIC_BASE,
  MSR_MCG_STATUS,
  MSR_MISC_ENABLE,
  MSR_PAT,
  MSR_SPEC_CTRL,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  MSR_TSC_ADJUST,
  MSR_TSC_AUX,
  MTRR,
  MTRR_COUNT,
  MXCSR,
  NMI_BLOCKED,
  PDPTE,
  PENDING_TRAPS,
  RDX,
  RUN_RUNNING,
  RUN_STATE,
  SEG_CS,
  SEG_GS,
  SEG_LDTR,
  SEG_TR,
  SHADOW,
  SYSFLAGS,
  WATCH,
  XMM,
  ZERO,
} from '../../abi/layout.ts';
import { tlb_flush } from '../memory/tlb.ts';
import { TYPE_LDT, TYPE_TSS32_BUSY } from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { CR0_CD, CR0_ET, CR0_NW, EFLAGS_ARITHMETIC, EFLAGS_FIXED } from '../state/control-bits.ts';
import { eflags_write } from '../state/flags.ts';
import { MISC_ENABLE_RESET } from '../state/misc-enable.ts';
import { instruction_pointer_write } from '../state/registers.ts';
import { ATTR_P, ATTR_REAL, segment_store } from '../state/segment-cache.ts';
import { signature } from './cpuid.ts';

const GPR_BYTES: usize = 16 * 8;
const XMM_BYTES: usize = 16 * 16;
const FPR_BYTES: usize = 8 * 16;
/** Enabled, of the bootstrap processor, at FEE00000h. */
const APIC_BASE_RESET: u64 = 0xfee00900;
const PAT_RESET: u64 = 0x0007040600070406;

export function cpu_reset(cpu: usize): void {
  memory.fill(cpu + GPR, 0, GPR_BYTES);
  store<u64>(cpu, signature(cpu) as u64, RDX);
  store<u64>(cpu, 0, ZERO);
  store<u64>(cpu, EFLAGS_FIXED as u64, SYSFLAGS);
  eflags_write(cpu, 0, EFLAGS_ARITHMETIC);

  for (let n: u32 = 0; n <= (SEG_GS as u32); n++) segment_store(cpu, n, 0, 0, 0xffff, ATTR_REAL);
  segment_store(cpu, SEG_CS, 0xf000, 0xffff0000, 0xffff, ATTR_REAL);
  segment_store(cpu, SEG_LDTR, 0, 0, 0xffff, ATTR_P | TYPE_LDT);
  segment_store(cpu, SEG_TR, 0, 0, 0xffff, ATTR_P | TYPE_TSS32_BUSY);
  instruction_pointer_write(cpu, 0xfff0);
  store<u32>(cpu, 0, CPL);

  store<u64>(cpu, 0, GDTR_BASE);
  store<u32>(cpu, 0xffff, GDTR_LIMIT);
  store<u64>(cpu, 0, IDTR_BASE);
  store<u32>(cpu, 0xffff, IDTR_LIMIT);
  store<u64>(cpu, (CR0_ET | CR0_NW | CR0_CD) as u64, CR0);
  store<u64>(cpu, 0, CR2);
  store<u64>(cpu, 0, CR3);
  store<u64>(cpu, 0, CR4);
  store<u64>(cpu, 0, EFER);
  memory.fill(cpu + PDPTE, 0, 4 * 8);
  memory.fill(cpu + DR, 0, 8 * 8);
  store<u64>(cpu + DR, 0xffff0ff0, 6 * 8);
  store<u64>(cpu + DR, 0x400, 7 * 8);
  store<u32>(cpu, 0, WATCH);
  store<u32>(cpu, 0, PENDING_TRAPS);
  store<u32>(cpu, 0xffffffff, A20_MASK);

  fpu_reset(cpu);

  store<u64>(cpu, 0, MSR_SYSENTER_CS);
  store<u64>(cpu, 0, MSR_SYSENTER_ESP);
  store<u64>(cpu, 0, MSR_SYSENTER_EIP);
  store<u64>(cpu, load<u32>(cpu, HAS_LOCAL_APIC) !== 0 ? APIC_BASE_RESET : 0, MSR_APIC_BASE);
  store<u64>(cpu, 0, MSR_TSC_ADJUST);
  store<u64>(cpu, 0, MSR_TSC_AUX);
  store<u64>(cpu, 0, MSR_SPEC_CTRL);
  store<u64>(cpu, 0, MSR_MCG_STATUS);
  memory.fill(cpu + MTRR, 0, MTRR_COUNT * 8);
  store<u64>(cpu, PAT_RESET, MSR_PAT);
  store<u64>(cpu, MISC_ENABLE_RESET, MSR_MISC_ENABLE);

  store<i32>(cpu, 0, FAULT);
  store<i32>(cpu, 0, SHADOW);
  store<u32>(cpu, 0, NMI_BLOCKED);
  atomic.and<i32>(cpu, ~DOORBELL_NMI, DOORBELL);
  store<i32>(cpu, RUN_RUNNING, RUN_STATE);
  memory.fill(cpu + JC, 0, JC_ENTRIES * JC_ENTRY_SIZE);
  tlb_flush(cpu, 1);
  mode_update(cpu);
  store<i32>(cpu, 1, LEAVE);
}

/** Vol. 1 §8.1: the state after RESET, which is not that of FNINIT. */
function fpu_reset(cpu: usize): void {
  memory.fill(cpu + XMM, 0, XMM_BYTES);
  store<u32>(cpu, 0x1f80, MXCSR);
  memory.fill(cpu + FPR, 0, FPR_BYTES);
  store<u32>(cpu, 0, FPU_TOP);
  store<u32>(cpu, 0x40, FPU_CW);
  store<u32>(cpu, 0, FPU_SW);
  store<u32>(cpu, 0, FPU_IGNNE);
  store<u32>(cpu, 0, FPU_TAG);
  store<u32>(cpu, 0, FPU_OPCODE);
  store<u32>(cpu, 0, FPU_CS);
  store<u64>(cpu, 0, FPU_IP);
  store<u32>(cpu, 0, FPU_DS);
  store<u64>(cpu, 0, FPU_DP);
}
