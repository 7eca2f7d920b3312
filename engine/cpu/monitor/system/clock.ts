// The time-stamp counter: the host's clock plus the VM's offset, which a migration adjusts so that the guest's time never
// runs backwards.

import { CPL, CR4, MSR_TSC_AUX, RAX, RCX, RDX, TSC_OFFSET } from '../../abi/layout.ts';
import { CR4_TSD } from '../state/control-bits.ts';
import {
  extended_features,
  FEATURE_RDPID,
  FEATURE_RDTSCP,
  FEATURE_TSC,
  features,
  leaf7_ecx,
} from '../state/cpu-features.ts';
import { faulted, raise_gp, undefined_opcode } from '../state/exceptions.ts';
import { tsc } from '../state/host.ts';

export function time_stamp(cpu: usize): i64 {
  return (tsc() as i64) + load<i64>(cpu, TSC_OFFSET);
}

export function rdtsc(cpu: usize): void {
  if ((features(cpu) & FEATURE_TSC) === 0) undefined_opcode(cpu);
  else time_stamp_read(cpu);
}

function time_stamp_read(cpu: usize): void {
  if ((load<u32>(cpu, CR4) & CR4_TSD) !== 0 && load<u32>(cpu, CPL) !== 0) {
    raise_gp(cpu, 0);
    return;
  }
  const now = time_stamp(cpu) as u64;
  store<u64>(cpu, now & 0xffffffff, RAX);
  store<u64>(cpu, now >> 32, RDX);
}

/** RDTSC, and what the operating system has left in IA32_TSC_AUX: the number of the CPU. */
export function rdtscp(cpu: usize): void {
  if ((extended_features(cpu) & FEATURE_RDTSCP) === 0) {
    undefined_opcode(cpu);
    return;
  }
  time_stamp_read(cpu);
  if (!faulted(cpu)) store<u64>(cpu, load<u64>(cpu, MSR_TSC_AUX), RCX);
}

/** The number of the CPU without the time. */
export function rdpid(cpu: usize): u32 {
  if ((leaf7_ecx(cpu) & FEATURE_RDPID) === 0) undefined_opcode(cpu);
  return load<u32>(cpu, MSR_TSC_AUX);
}

/** There are no performance counters: every index is #GP(0), as a wrong one is on a CPU that has some. */
export function rdpmc(cpu: usize): void {
  raise_gp(cpu, 0);
}
