// CPUID: exactly what this CPU has, less what the VM's specification masks (Intel SDM vol. 2 CPUID). Text is given as the
// little-endian words it is returned in.

import { CPUID_SIGNATURE, RAX, RBX, RCX, RDX, TSC_HZ } from '../../abi/layout.ts';
import {
  ADDRESS_BITS,
  extended_features,
  features,
  LEAF7_EDX,
  leaf7_ebx,
  leaf7_ecx,
  more_features,
} from '../state/cpu-features.ts';
import { MISC_ENABLE_LIMIT_CPUID, misc_enabled } from '../state/misc-enable.ts';

// Family 15, model 2, stepping 9: a Pentium 4 of 2003, the last generation before 64-bit mode; the SSE levels are later ones.
const SIGNATURE: u32 = 0x00000f29;

// Leaf 0x80000007, EDX
const FEATURE_INVARIANT_TSC: u32 = 1 << 8;

const CLFLUSH_LINE_IN_8_BYTES: u32 = 8;
const LAST_BASIC_LEAF: u32 = 0x16;
/** The last one while IA32_MISC_ENABLE limits it, for operating systems that stumble over more (vol. 4, IA32_MISC_ENABLE bit 22). */
const LAST_LIMITED_LEAF: u32 = 2;
const LAST_HYPERVISOR_LEAF: u32 = 0x40000010;
const LAST_EXTENDED_LEAF: u32 = 0x80000008;
/** Physical and linear. */
const ADDRESS_SIZES: u32 = (ADDRESS_BITS as u32) | (32 << 8);

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

export function cpuid(cpu: usize): void {
  const leaf = load<u32>(cpu, RAX);
  if (leaf >>> 24 === 0x40) hypervisor_leaf(cpu, leaf);
  else if (leaf >= 0x80000000 && leaf <= LAST_EXTENDED_LEAF) extended_leaf(cpu, leaf);
  else basic_leaf(cpu, min<u32>(leaf, last_basic_leaf(cpu)));
}

function last_basic_leaf(cpu: usize): u32 {
  return misc_enabled(cpu, MISC_ENABLE_LIMIT_CPUID) ? LAST_LIMITED_LEAF : LAST_BASIC_LEAF;
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
      if (load<u32>(cpu, RCX) === 0) answer(cpu, 0, leaf7_ebx(cpu), leaf7_ecx(cpu), LEAF7_EDX);
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
      answer(cpu, ADDRESS_SIZES, 0, 0, 0);
      break;
    default:
      answer(cpu, 0, 0, 0, 0);
  }
}
