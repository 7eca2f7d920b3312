// What the fast paths take for granted, derived from the control registers and segments: MODE, the TLB in force, FPU_TRAP and
// SSE_TRAP.

import {
  CPL,
  CR0,
  CR4,
  FPU_TRAP,
  LEAVE,
  MODE,
  MODE_CS32,
  MODE_FLAT,
  MODE_REAL,
  MODE_SS32,
  MODE_USER,
  MODE_VM86,
  N_USER_ENTRIES,
  SEG_BASE,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_READ_BOUND,
  SEG_SS,
  SEG_WRITE_BOUND,
  SSE_TRAP,
  TLB_CURRENT,
  TLB_SUPERVISOR,
  TLB_USER,
} from '../../abi/layout.ts';
import { alignment_update } from '../memory/alignment.ts';
import { jump_cache_key_update } from '../memory/tlb.ts';
import { user_pages_update } from '../memory/user-pages.ts';
import { CR0_EM, CR0_TS, CR4_OSFXSR } from '../state/control-bits.ts';
import { count } from '../state/counters.ts';
import { FEATURE_SSE, features } from '../state/cpu-features.ts';
import { in_protected_mode, in_vm86 } from '../state/flags.ts';
import { ATTR_DB, segment, segment_attr } from '../state/segment-cache.ts';

const FLAT_BOUND: i64 = 0xffffffff;

function is_flat_data(cpu: usize, n: u32): bool {
  const cache = segment(cpu, n);
  return load<u64>(cache, SEG_BASE) === 0 && load<i64>(cache, SEG_WRITE_BOUND) === FLAT_BOUND;
}

function is_flat(cpu: usize): bool {
  const code = segment(cpu, SEG_CS);
  if (load<u64>(code, SEG_BASE) !== 0 || load<i64>(code, SEG_READ_BOUND) !== FLAT_BOUND) return false;
  return is_flat_data(cpu, SEG_DS) && is_flat_data(cpu, SEG_ES) && is_flat_data(cpu, SEG_SS);
}

/** To be called when CR0, CR4, CPL, EFLAGS.VM or one of CS SS DS ES has changed. Sets LEAVE if decoding depends on the change. */
export function mode_update(cpu: usize): void {
  alignment_update(cpu);
  user_pages_update(cpu);
  const user = load<u32>(cpu, CPL) === 3;
  let mode: u32 = 0;
  if (!in_protected_mode(cpu)) mode |= MODE_REAL;
  if (in_vm86(cpu)) mode |= MODE_VM86;
  if ((segment_attr(cpu, SEG_CS) & ATTR_DB) !== 0) mode |= MODE_CS32;
  if ((segment_attr(cpu, SEG_SS) & ATTR_DB) !== 0) mode |= MODE_SS32;
  if (user) mode |= MODE_USER;
  if (is_flat(cpu)) mode |= MODE_FLAT;
  store<u32>(cpu, user ? TLB_USER : TLB_SUPERVISOR, TLB_CURRENT);
  const trap: u32 = (load<u32>(cpu, CR0) & (CR0_EM | CR0_TS)) !== 0 ? 1 : 0;
  const sse = (load<u32>(cpu, CR4) & CR4_OSFXSR) !== 0 && (features(cpu) & FEATURE_SSE) !== 0;
  store<u32>(cpu, trap !== 0 || !sse ? 1 : 0, SSE_TRAP);
  if (mode === load<u32>(cpu, MODE) && trap === load<u32>(cpu, FPU_TRAP)) return;
  if (user && (load<u32>(cpu, MODE) & MODE_USER) === 0) count(cpu, N_USER_ENTRIES);
  store<u32>(cpu, mode, MODE);
  jump_cache_key_update(cpu);
  store<u32>(cpu, trap, FPU_TRAP);
  store<i32>(cpu, 1, LEAVE);
}
