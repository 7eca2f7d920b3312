// What surrounds an instruction that runs alone: instruction breakpoints before it; single step, data and port breakpoints after
// it (Intel SDM vol. 3 §6.8.3, §17.3.1). Traps of an instruction wait in PENDING_TRAPS; after a load of SS they wait for one
// instruction more.

import {
  FAULT,
  MODE,
  MODE_FLAT,
  PENDING_TRAPS,
  SEG_CS,
  SHADOW,
  SHADOW_ALL,
  SYSFLAGS,
  TRAP_NO_STEP,
} from '../../abi/layout.ts';
import { execution_check, raise_debug } from '../memory/breakpoints.ts';
import { EFLAGS_RF } from '../state/control-bits.ts';
import { awaits_page, raise_gp } from '../state/exceptions.ts';
import { instruction_pointer } from '../state/registers.ts';
import { segment_limit } from '../state/segment-cache.ts';

const DR6_BS: u32 = 0x4000;

/** More bytes than a block has: 48 instructions of 15. */
const LONGEST_BLOCK: u32 = 720;

/** May a block at EIP reach the limit of CS, so that its instructions must be fetched one by one? */
export function is_near_limit(cpu: usize): bool {
  if ((load<u32>(cpu, MODE) & MODE_FLAT) !== 0) return false;
  const limit = segment_limit(cpu, SEG_CS);
  const ip = instruction_pointer(cpu);
  return ip > limit || limit - ip < LONGEST_BLOCK;
}

/** Raises #GP(0) if an instruction of `length` bytes at EIP does not lie within CS. */
export function fetch_check(cpu: usize, length: u32): void {
  if ((instruction_pointer(cpu) as u64) + length - 1 > (segment_limit(cpu, SEG_CS) as u64)) raise_gp(cpu, 0);
}

/** `shadow`: SHADOW as the instruction before has left it. May raise #DB: then the instruction does not run. */
export function before_instruction(cpu: usize, linear: u32, shadow: i32): void {
  if (shadow !== SHADOW_ALL) execution_check(cpu, linear);
  // RF lasts for one instruction; IRET and a task switch set it for the next.
  if (load<i32>(cpu, FAULT) === 0) store<u32>(cpu, load<u32>(cpu, SYSFLAGS) & ~EFLAGS_RF, SYSFLAGS);
}

/** `stepped`: TF was set when it began. May raise #DB, as a trap with RIP at the next instruction. */
export function after_instruction(cpu: usize, stepped: bool): void {
  let traps = load<u32>(cpu, PENDING_TRAPS);
  if (load<i32>(cpu, FAULT) !== 0) {
    // An instruction that is to be restarted keeps the traps that it has raised.
    if (!awaits_page(cpu)) store<u32>(cpu, 0, PENDING_TRAPS);
    return;
  }
  if (stepped && (traps & (TRAP_NO_STEP as u32)) === 0) traps |= DR6_BS;
  traps &= ~(TRAP_NO_STEP as u32);
  if (traps !== 0 && load<i32>(cpu, SHADOW) === SHADOW_ALL) {
    store<u32>(cpu, traps & ~DR6_BS, PENDING_TRAPS);
    return;
  }
  store<u32>(cpu, 0, PENDING_TRAPS);
  if (traps === 0) return;
  raise_debug(cpu, traps);
}
