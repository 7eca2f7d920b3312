// EFLAGS of a CPU block whose flags are canonical: that of a vCPU at a safe point.

import { canonicalFlags, eflagsOf } from '../../cpu/abi/eflags.ts';
import { F_A, F_KIND, F_R, SYSFLAGS } from '../../cpu/abi/layout.ts';
import type { CpuBlock } from '../shared/cpu-block.ts';

export function readEflags(block: CpuBlock): number {
  if (block.u32(F_KIND) !== 0) throw new Error('The flags of a stopped vCPU are not canonical.');
  return eflagsOf({ result: block.u32(F_R), aux: block.u32(F_A), system: block.u32(SYSFLAGS) });
}

export function writeEflags(block: CpuBlock, eflags: number): void {
  const { result, aux, system } = canonicalFlags(eflags);
  block.setU32(F_KIND, 0);
  block.setU32(F_R, result);
  block.setU32(F_A, aux);
  block.setU32(SYSFLAGS, system);
}
