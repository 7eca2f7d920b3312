// CPUID: exactly what this CPU has, less what the machine was told to keep back (Intel SDM vol. 2 CPUID). Text is given as the little-endian words it is returned in.

import {
  CPUID_HIDDEN_ECX,
  CPUID_HIDDEN_EDX,
  CPUID_HIDDEN_EXTENDED_EDX,
  CPUID_HIDDEN_LEAF7_ECX,
  CPUID_SIGNATURE,
  HAS_LOCAL_APIC,
  RAX,
  RBX,
  RCX,
  RDX,
  TSC_HZ,
} from '../isa/layout.ts';
import { MISC_ENABLE_LIMIT_CPUID, MISC_ENABLE_XD_DISABLE, misc_enabled } from './misc-enable.ts';

// Family 15, model 2, stepping 9: a Pentium 4 of 2003, the last generation before 64-bit mode; the SSE levels are later ones.
const SIGNATURE: u32 = 0x00000f29;

// Leaf 1, EDX
const FEATURE_FPU: u32 = 1 << 0;
const FEATURE_DE: u32 = 1 << 2;
const FEATURE_PSE: u32 = 1 << 3;
const FEATURE_TSC: u32 = 1 << 4;
const FEATURE_MSR: u32 = 1 << 5;
const FEATURE_PAE: u32 = 1 << 6;
/** CR4.MCE and the machine-check architecture: no bank reports anything, for nothing goes wrong. */
const FEATURE_MCE: u32 = 1 << 7;
const FEATURE_CX8: u32 = 1 << 8;
const FEATURE_APIC: u32 = 1 << 9;
const FEATURE_SEP: u32 = 1 << 11;
const FEATURE_PGE: u32 = 1 << 13;
const FEATURE_MCA: u32 = 1 << 14;
const FEATURE_CMOV: u32 = 1 << 15;
const FEATURE_PAT: u32 = 1 << 16;
const FEATURE_CLFLUSH: u32 = 1 << 19;
const FEATURE_MMX: u32 = 1 << 23;
const FEATURE_FXSR: u32 = 1 << 24;
const FEATURE_SSE: u32 = 1 << 25;
const FEATURE_SSE2: u32 = 1 << 26;
const FEATURES: u32 =
  FEATURE_FPU |
  FEATURE_DE |
  FEATURE_PSE |
  FEATURE_TSC |
  FEATURE_MSR |
  FEATURE_PAE |
  FEATURE_MCE |
  FEATURE_CX8 |
  FEATURE_SEP |
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
// Leaf 7
const FEATURE_TSC_ADJUST: u32 = 1 << 1;
/** FCS and FDS are always 0. */
const FEATURE_NO_FPU_SELECTORS: u32 = 1 << 13;
/** IBRS and IBPB */
const FEATURE_SPEC_CTRL: u32 = 1 << 26;
const FEATURE_ARCH_CAPABILITIES: u32 = 1 << 29;
// Leaf 7, ECX
const FEATURE_UMIP: u32 = 1 << 2;
// Leaf 0x80000001, EDX
const FEATURE_NX: u32 = 1 << 20;
const FEATURE_RDTSCP: u32 = 1 << 27;
const EXTENDED_FEATURES: u32 = FEATURE_NX | FEATURE_RDTSCP;
// Leaf 0x80000007, EDX
const FEATURE_INVARIANT_TSC: u32 = 1 << 8;

const CLFLUSH_LINE_IN_8_BYTES: u32 = 8;
const LAST_BASIC_LEAF: u32 = 0x16;
/** The last one while IA32_MISC_ENABLE limits it, for operating systems that stumble over more (vol. 4, IA32_MISC_ENABLE bit 22). */
const LAST_LIMITED_LEAF: u32 = 2;
const LAST_HYPERVISOR_LEAF: u32 = 0x40000010;
const LAST_EXTENDED_LEAF: u32 = 0x80000008;
const ADDRESS_BITS: u32 = 32 | (32 << 8);

function answer(cpu: usize, eax: u32, ebx: u32, ecx: u32, edx: u32): void {
  store<u64>(cpu, eax as u64, RAX);
  store<u64>(cpu, ebx as u64, RBX);
  store<u64>(cpu, ecx as u64, RCX);
  store<u64>(cpu, edx as u64, RDX);
}

/** Family, model and stepping; EDX has it after RESET too. */
export function signature(cpu: usize): u32 {
  const given = load<u32>(cpu, CPUID_SIGNATURE);
  return given !== 0 ? given : SIGNATURE;
}

function features(cpu: usize): u32 {
  const present = load<u32>(cpu, HAS_LOCAL_APIC) !== 0 ? FEATURES | FEATURE_APIC : FEATURES;
  return present & ~load<u32>(cpu, CPUID_HIDDEN_EDX);
}

function more_features(cpu: usize): u32 {
  return MORE_FEATURES & ~load<u32>(cpu, CPUID_HIDDEN_ECX);
}

export function cpuid(cpu: usize): void {
  const leaf = load<u32>(cpu, RAX);
  if (leaf >>> 24 === 0x40) hypervisor_leaf(cpu, leaf);
  else if (leaf >= 0x80000000 && leaf <= LAST_EXTENDED_LEAF) extended_leaf(cpu, leaf);
  else basic_leaf(cpu, min<u32>(leaf, last_basic_leaf(cpu)));
}

function last_basic_leaf(cpu: usize): u32 {
  return misc_enabled(cpu, MISC_ENABLE_LIMIT_CPUID) ? LAST_LIMITED_LEAF : LAST_BASIC_LEAF;
}

function extended_features(cpu: usize): u32 {
  const present = misc_enabled(cpu, MISC_ENABLE_XD_DISABLE) ? EXTENDED_FEATURES & ~FEATURE_NX : EXTENDED_FEATURES;
  return present & ~load<u32>(cpu, CPUID_HIDDEN_EXTENDED_EDX);
}

function basic_leaf(cpu: usize, leaf: u32): void {
  switch (leaf) {
    case 0: // "GenuineIntel"
      answer(cpu, last_basic_leaf(cpu), 0x756e6547, 0x6c65746e, 0x49656e69);
      break;
    case 1:
      answer(cpu, signature(cpu), CLFLUSH_LINE_IN_8_BYTES << 8, more_features(cpu), features(cpu));
      break;
    case 2: // no cache or TLB descriptors
      answer(cpu, 1, 0, 0, 0);
      break;
    case 7:
      if (load<u32>(cpu, RCX) === 0) structured_features(cpu);
      else answer(cpu, 0, 0, 0, 0);
      break;
    case 0x15: // TSC = crystal × EBX / EAX
      answer(cpu, 1, 1, TSC_HZ, 0);
      break;
    case 0x16: // base and maximum frequency, MHz
      answer(cpu, TSC_HZ / 1000000, TSC_HZ / 1000000, 0, 0);
      break;
    default:
      answer(cpu, 0, 0, 0, 0);
  }
}

function structured_features(cpu: usize): void {
  const ecx = FEATURE_UMIP & ~load<u32>(cpu, CPUID_HIDDEN_LEAF7_ECX);
  answer(cpu, 0, FEATURE_TSC_ADJUST | FEATURE_NO_FPU_SELECTORS, ecx, FEATURE_SPEC_CTRL | FEATURE_ARCH_CAPABILITIES);
}

/** As VMware lays these out: leaf 0x40000010 has the TSC frequency in kHz. */
function hypervisor_leaf(cpu: usize, leaf: u32): void {
  if (leaf === 0x40000000) {
    // "TabvisorHV"
    answer(cpu, LAST_HYPERVISOR_LEAF, 0x76626154, 0x726f7369, 0x00005648);
  } else if (leaf === 0x40000010) {
    answer(cpu, TSC_HZ / 1000, 0, 0, 0);
  } else {
    answer(cpu, 0, 0, 0, 0);
  }
}

function extended_leaf(cpu: usize, leaf: u32): void {
  switch (leaf) {
    case 0x80000000:
      answer(cpu, LAST_EXTENDED_LEAF, 0, 0, 0);
      break;
    case 0x80000001:
      answer(cpu, 0, 0, 0, extended_features(cpu));
      break;
    case 0x80000002: // "tabvisor virtual"
      answer(cpu, 0x76626174, 0x726f7369, 0x72697620, 0x6c617574);
      break;
    case 0x80000003: // " CPU"
      answer(cpu, 0x55504320, 0, 0, 0);
      break;
    case 0x80000007:
      answer(cpu, 0, 0, 0, FEATURE_INVARIANT_TSC);
      break;
    case 0x80000008:
      answer(cpu, ADDRESS_BITS, 0, 0, 0);
      break;
    default:
      answer(cpu, 0, 0, 0, 0);
  }
}
