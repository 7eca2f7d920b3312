// What of the doorbell the CPU answers now: INTR while EFLAGS.IF is set, one NMI at a time, requests of the host always.

import { DOORBELL, DOORBELL_INTR, DOORBELL_NMI, LEAVE, NMI_BLOCKED, SYSFLAGS } from '../../abi/layout.ts';
import { EFLAGS_IF } from './control-bits.ts';

/** DOORBELL without the bits that have to wait for IF or for the end of an NMI handler; SHADOW is the caller's business. */
export function doorbell_due(cpu: usize): i32 {
  let bell = atomic.load<i32>(cpu, DOORBELL);
  if (bell === 0) return 0;
  if ((load<u32>(cpu, SYSFLAGS) & EFLAGS_IF) === 0) bell &= ~DOORBELL_INTR;
  if (load<u32>(cpu, NMI_BLOCKED) !== 0) bell &= ~DOORBELL_NMI;
  return bell;
}

/** Interrupts have been enabled: the dispatcher must look if one is waiting. */
export function leave_if_rung(cpu: usize): void {
  if (atomic.load<i32>(cpu, DOORBELL) !== 0) store<i32>(cpu, 1, LEAVE);
}

/** The pending NMI is about to be delivered; further ones wait for IRET (Intel SDM vol. 3 §6.7.1). */
export function nmi_take(cpu: usize): void {
  atomic.and<i32>(cpu, ~DOORBELL_NMI, DOORBELL);
  store<u32>(cpu, 1, NMI_BLOCKED);
}

/** IRET, whether it faults or not, lets the next NMI in (vol. 3 §6.7.1). */
export function nmi_unblock(cpu: usize): void {
  if (load<u32>(cpu, NMI_BLOCKED) === 0) return;
  store<u32>(cpu, 0, NMI_BLOCKED);
  leave_if_rung(cpu);
}
