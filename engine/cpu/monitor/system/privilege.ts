// The checks that privileged instructions begin with.

import { CPL, CR4 } from '../../abi/layout.ts';
import { CR4_UMIP } from '../state/control-bits.ts';
import { raise_gp } from '../state/exceptions.ts';

/** Raises #GP(0) and returns false unless CPL is 0. */
export function is_supervisor(cpu: usize): bool {
  if (load<u32>(cpu, CPL) === 0) return true;
  raise_gp(cpu, 0);
  return false;
}

export function supervisor_check(cpu: usize): void {
  is_supervisor(cpu);
}

/** SGDT, SIDT, SLDT, SMSW, STR: #GP(0) in user mode while CR4.UMIP is set (Intel SDM vol. 3 §2.5). */
export function umip_check(cpu: usize): void {
  if ((load<u32>(cpu, CR4) & CR4_UMIP) !== 0 && load<u32>(cpu, CPL) !== 0) raise_gp(cpu, 0);
}
