// The check that privileged instructions begin with.

import { CPL } from '../isa/layout.ts';
import { raise_gp } from './exceptions.ts';

/** Raises #GP(0) and returns false unless CPL is 0. */
export function is_supervisor(cpu: usize): bool {
  if (load<u32>(cpu, CPL) === 0) return true;
  raise_gp(cpu, 0);
  return false;
}
