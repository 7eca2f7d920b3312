// Debug registers (Intel SDM vol. 3 §17.2). DR0..DR3 and DR7 hold what is written; address
// breakpoints are not watched for.

import { DR } from '../isa/layout.ts';
import { raise, VECTOR_DB } from './exceptions.ts';
import { is_supervisor } from './privilege.ts';

const DR6_FIXED: u32 = 0xffff0ff0;
const DR6_WRITABLE: u32 = 0x0000e00f;
const DR7_FIXED: u32 = 0x400;
const DR7_WRITABLE: u32 = 0xffff23ff;
/** General detect: the next access to a debug register raises #DB. */
const DR7_GD: u32 = 0x2000;
const DR6_BD: u32 = 0x2000;

function slot(cpu: usize, n: u32): usize {
  // DR4 and DR5 are DR6 and DR7, as long as CR4.DE does not exist.
  return cpu + DR + ((n === 4 || n === 5 ? n + 2 : n) << 3);
}

function access_allowed(cpu: usize): bool {
  if (!is_supervisor(cpu)) return false;
  const control = load<u32>(slot(cpu, 7));
  if ((control & DR7_GD) === 0) return true;
  store<u64>(slot(cpu, 7), (control & ~DR7_GD) as u64);
  store<u64>(slot(cpu, 6), (load<u32>(slot(cpu, 6)) | DR6_BD) as u64);
  raise(cpu, VECTOR_DB, 0, 0);
  return false;
}

export function dr_read(cpu: usize, n: u32): u32 {
  return access_allowed(cpu) ? load<u32>(slot(cpu, n)) : 0;
}

export function dr_write(cpu: usize, n: u32, value: u32): void {
  if (!access_allowed(cpu)) return;
  if (n === 6 || n === 4) value = (value & DR6_WRITABLE) | DR6_FIXED;
  else if (n === 7 || n === 5) value = (value & DR7_WRITABLE) | DR7_FIXED;
  store<u64>(slot(cpu, n), value as u64);
}
