// Moves of the debug registers (Intel SDM vol. 3 §17.2). What their breakpoints do is in breakpoints.ts.

import { CR4, DR } from '../../abi/layout.ts';
import { breakpoints_update } from '../memory/breakpoints.ts';
import { CR4_DE } from '../state/control-bits.ts';
import { raise, undefined_opcode, VECTOR_DB } from '../state/exceptions.ts';
import { is_supervisor } from './privilege.ts';

const DR6_FIXED: u32 = 0xffff0ff0;
const DR6_WRITABLE: u32 = 0x0000e00f;
const DR7_FIXED: u32 = 0x400;
const DR7_WRITABLE: u32 = 0xffff23ff;
/** General detect: the next access to a debug register raises #DB. */
const DR7_GD: u32 = 0x2000;
const DR6_BD: u32 = 0x2000;

function slot(cpu: usize, n: u32): usize {
  // DR4 and DR5 are other names of DR6 and DR7.
  return cpu + DR + ((n === 4 || n === 5 ? n + 2 : n) << 3);
}

/** Raises #UD for DR4 and DR5 with CR4.DE, #GP(0), or #DB for any register with DR7.GD. */
function access_allowed(cpu: usize, n: u32): bool {
  if ((n === 4 || n === 5) && (load<u32>(cpu, CR4) & CR4_DE) !== 0) {
    undefined_opcode(cpu);
    return false;
  }
  if (!is_supervisor(cpu)) return false;
  const control = load<u32>(slot(cpu, 7));
  if ((control & DR7_GD) === 0) return true;
  store<u64>(slot(cpu, 7), (control & ~DR7_GD) as u64);
  store<u64>(slot(cpu, 6), (load<u32>(slot(cpu, 6)) | DR6_BD) as u64);
  raise(cpu, VECTOR_DB, 0, 0);
  return false;
}

export function dr_read(cpu: usize, n: u32): u32 {
  return access_allowed(cpu, n) ? load<u32>(slot(cpu, n)) : 0;
}

export function dr_write(cpu: usize, n: u32, value: u32): void {
  if (!access_allowed(cpu, n)) return;
  if (n === 6 || n === 4) value = (value & DR6_WRITABLE) | DR6_FIXED;
  else if (n === 7 || n === 5) value = (value & DR7_WRITABLE) | DR7_FIXED;
  store<u64>(slot(cpu, n), value as u64);
  breakpoints_update(cpu);
}
