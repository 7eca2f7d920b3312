// What this CPU has, as bits of CPUID, less what the VM's specification masks: a masked feature does not exist, neither
// for CPUID nor in control registers and MSRs, nor do the system instructions that come with it. (Intel SDM vol. 2 CPUID)

import {
  CPUID_HIDDEN_ECX,
  CPUID_HIDDEN_EDX,
  CPUID_HIDDEN_EXTENDED_EDX,
  CPUID_HIDDEN_LEAF7_EBX,
  CPUID_HIDDEN_LEAF7_ECX,
  MSR_APIC_BASE,
} from '../../abi/layout.ts';
import { APIC_BASE_ENABLED } from './control-bits.ts';
import { MISC_ENABLE_XD_DISABLE, misc_enabled } from './misc-enable.ts';

// Leaf 1, EDX
const FEATURE_FPU: u32 = 1 << 0;
export const FEATURE_VME: u32 = 1 << 1;
export const FEATURE_DE: u32 = 1 << 2;
export const FEATURE_PSE: u32 = 1 << 3;
export const FEATURE_TSC: u32 = 1 << 4;
export const FEATURE_MSR: u32 = 1 << 5;
export const FEATURE_PAE: u32 = 1 << 6;
/** CR4.MCE and the machine-check architecture: no bank reports anything, for nothing goes wrong. */
export const FEATURE_MCE: u32 = 1 << 7;
const FEATURE_CX8: u32 = 1 << 8;
const FEATURE_APIC: u32 = 1 << 9;
export const FEATURE_SEP: u32 = 1 << 11;
export const FEATURE_MTRR: u32 = 1 << 12;
export const FEATURE_PGE: u32 = 1 << 13;
const FEATURE_MCA: u32 = 1 << 14;
const FEATURE_CMOV: u32 = 1 << 15;
const FEATURE_PAT: u32 = 1 << 16;
const FEATURE_CLFLUSH: u32 = 1 << 19;
const FEATURE_MMX: u32 = 1 << 23;
export const FEATURE_FXSR: u32 = 1 << 24;
export const FEATURE_SSE: u32 = 1 << 25;
const FEATURE_SSE2: u32 = 1 << 26;
const FEATURES: u32 =
  FEATURE_FPU |
  FEATURE_VME |
  FEATURE_DE |
  FEATURE_PSE |
  FEATURE_TSC |
  FEATURE_MSR |
  FEATURE_PAE |
  FEATURE_MCE |
  FEATURE_CX8 |
  FEATURE_SEP |
  FEATURE_MTRR |
  FEATURE_PGE |
  FEATURE_MCA |
  FEATURE_CMOV |
  FEATURE_PAT |
  FEATURE_CLFLUSH |
  FEATURE_MMX |
  FEATURE_FXSR |
  FEATURE_SSE |
  FEATURE_SSE2;
// Leaf 1, ECX
const FEATURE_SSE3: u32 = 1 << 0;
const FEATURE_SSSE3: u32 = 1 << 9;
const FEATURE_SSE4_1: u32 = 1 << 19;
const FEATURE_SSE4_2: u32 = 1 << 20;
const FEATURE_POPCNT: u32 = 1 << 23;
/** Running under a hypervisor. */
const FEATURE_HYPERVISOR: u32 = 0x80000000;
const MORE_FEATURES: u32 =
  FEATURE_SSE3 | FEATURE_SSSE3 | FEATURE_SSE4_1 | FEATURE_SSE4_2 | FEATURE_POPCNT | FEATURE_HYPERVISOR;
// Leaf 7, EBX
const FEATURE_TSC_ADJUST: u32 = 1 << 1;
export const FEATURE_SMEP: u32 = 1 << 7;
/** FCS and FDS are always 0. */
const FEATURE_NO_FPU_SELECTORS: u32 = 1 << 13;
export const FEATURE_SMAP: u32 = 1 << 20;
const LEAF7_EBX: u32 = FEATURE_TSC_ADJUST | FEATURE_SMEP | FEATURE_NO_FPU_SELECTORS | FEATURE_SMAP;
// Leaf 7, EDX
/** IBRS and IBPB */
const FEATURE_SPEC_CTRL: u32 = 1 << 26;
const FEATURE_ARCH_CAPABILITIES: u32 = 1 << 29;
export const LEAF7_EDX: u32 = FEATURE_SPEC_CTRL | FEATURE_ARCH_CAPABILITIES;
// Leaf 7, ECX
export const FEATURE_UMIP: u32 = 1 << 2;
export const FEATURE_RDPID: u32 = 1 << 22;
const LEAF7_ECX: u32 = FEATURE_UMIP | FEATURE_RDPID;
// Leaf 0x80000001, EDX
export const FEATURE_NX: u32 = 1 << 20;
export const FEATURE_RDTSCP: u32 = 1 << 27;
const EXTENDED_FEATURES: u32 = FEATURE_NX | FEATURE_RDTSCP;

/** Of a physical address. */
export const ADDRESS_BITS: u64 = 32;

/** Leaf 1, EDX. A local APIC that IA32_APIC_BASE disables is not there (vol. 3 §10.4.3). */
export function features(cpu: usize): u32 {
  const present = (load<u32>(cpu, MSR_APIC_BASE) & APIC_BASE_ENABLED) !== 0 ? FEATURES | FEATURE_APIC : FEATURES;
  return present & ~load<u32>(cpu, CPUID_HIDDEN_EDX);
}

/** Leaf 1, ECX. */
export function more_features(cpu: usize): u32 {
  return MORE_FEATURES & ~load<u32>(cpu, CPUID_HIDDEN_ECX);
}

/** Leaf 80000001h, EDX. */
export function extended_features(cpu: usize): u32 {
  const present = misc_enabled(cpu, MISC_ENABLE_XD_DISABLE) ? EXTENDED_FEATURES & ~FEATURE_NX : EXTENDED_FEATURES;
  return present & ~load<u32>(cpu, CPUID_HIDDEN_EXTENDED_EDX);
}

export function leaf7_ebx(cpu: usize): u32 {
  return LEAF7_EBX & ~load<u32>(cpu, CPUID_HIDDEN_LEAF7_EBX);
}

export function leaf7_ecx(cpu: usize): u32 {
  return LEAF7_ECX & ~load<u32>(cpu, CPUID_HIDDEN_LEAF7_ECX);
}
