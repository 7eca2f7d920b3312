// SSE besides arithmetic: the trap before an instruction, and the byte-masked stores.
// Source: Intel SDM vol. 3 ch. 14.1 (EM, TS, OSFXSR), vol. 2 MASKMOVDQU.

import { CR0, CR4 } from '../../abi/layout.ts';
import { mem_probe, mem_write8 } from '../memory/memory.ts';
import { CR0_EM, CR0_TS, CR4_OSFXSR } from '../state/control-bits.ts';
import { FEATURE_SSE, features } from '../state/cpu-features.ts';
import { faulted, raise, VECTOR_NM, VECTOR_UD } from '../state/exceptions.ts';

export function sse_check(cpu: usize): void {
  const cr0 = load<u32>(cpu, CR0);
  if ((cr0 & CR0_EM) !== 0 || (load<u32>(cpu, CR4) & CR4_OSFXSR) === 0 || (features(cpu) & FEATURE_SSE) === 0)
    raise(cpu, VECTOR_UD, 0, 0);
  else if ((cr0 & CR0_TS) !== 0) raise(cpu, VECTOR_NM, 0, 0);
}

/** The whole operand must be writable, whatever the mask (the manual leaves it open; AMD's processors do so), at a multiple of 8. */
export function mask_store(cpu: usize, linear: u32, low: u64, high: u64, mask: u32, size: u32): void {
  mem_probe(cpu, linear, size, 8, 1);
  if (faulted(cpu)) return;
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const n = ctz(rest);
    const half = n < 8 ? low : high;
    mem_write8(cpu, linear + n, ((half >> ((n & 7) << 3)) & 0xff) as u32);
  }
}
