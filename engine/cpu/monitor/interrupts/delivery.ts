// Interrupts and exceptions as events: software interrupts, external interrupts, the single-step trap, delivery of recorded
// exceptions with double and triple faults (Intel SDM vol. 3 §6.4, §6.15 interrupt 8, table 6-5).
//
// A delivery that meets an absent page has changed nothing. The event it began with waits in PENDING_EVENT, since the interrupt
// controller, or the instruction whose trap it is, will not report it again; later it is delivered from the start.

import {
  EXC_ERROR,
  EXC_HAS_ERROR,
  EXC_VECTOR,
  FAULT,
  N_EXCEPTIONS,
  N_INTERRUPTS,
  PENDING_ERROR,
  PENDING_EVENT,
  PENDING_EXCEPTION,
  PENDING_HAS_ERROR,
  PENDING_INTERRUPT,
  PENDING_TRAPS,
  RUN_RUNNING,
  RUN_SHUTDOWN,
  RUN_STATE,
  SYSFLAGS,
  TRAP_NO_STEP,
} from '../../abi/layout.ts';
import { debug_status_report } from '../memory/breakpoints.ts';
import { EFLAGS_TF } from '../state/control-bits.ts';
import { count, count_many } from '../state/counters.ts';
import {
  awaits_page,
  faulted,
  raise,
  VECTOR_DB,
  VECTOR_DE,
  VECTOR_DF,
  VECTOR_GP,
  VECTOR_NMI,
  VECTOR_PF,
  VECTOR_TS,
} from '../state/exceptions.ts';
import { in_protected_mode, in_vm86 } from '../state/flags.ts';
import { nmi_take } from '../state/interrupt-window.ts';
import { instruction_pointer } from '../state/registers.ts';
import { interrupt_enter, SOURCE_EVENT, SOURCE_FAULT, SOURCE_SOFTWARE } from './interrupt-gates.ts';
import { interrupt_in_vm86 } from './vm86-interrupts.ts';

/** No vector: the event before was not an exception. */
const NONE: u32 = 0xff;

export function interrupt_software(cpu: usize, vector: u32, next: u32): void {
  const stepped = is_stepped(cpu);
  if (!in_vm86(cpu) || !interrupt_in_vm86(cpu, vector & 0xff, next))
    enter_by_instruction(cpu, vector & 0xff, next, SOURCE_SOFTWARE);
  else if (stepped) forget_step(cpu);
}

/** INT3 and INTO: as INT n, but virtual-8086 mode does not ask for IOPL 3. */
export function interrupt_trap(cpu: usize, vector: u32, next: u32): void {
  enter_by_instruction(cpu, vector, next, SOURCE_SOFTWARE);
}

/** INT1: like an exception it ignores the gate's DPL. It is the debug exception that a load of SS before it has held back. */
export function interrupt_icebp(cpu: usize, next: u32): void {
  const held = load<u32>(cpu, PENDING_TRAPS);
  if (held !== 0) debug_status_report(cpu, held);
  store<u32>(cpu, 0, PENDING_TRAPS);
  enter_by_instruction(cpu, VECTOR_DB, next, SOURCE_EVENT);
}

/** An instruction that has entered its handler is not single-stepped: that has cleared TF. */
function enter_by_instruction(cpu: usize, vector: u32, next: u32, source: u32): void {
  const stepped = is_stepped(cpu);
  interrupt_enter(cpu, vector, next, source, 0, false);
  if (stepped) forget_step(cpu);
}

function is_stepped(cpu: usize): bool {
  return (load<u32>(cpu, SYSFLAGS) & EFLAGS_TF) !== 0;
}

function forget_step(cpu: usize): void {
  if (!faulted(cpu)) store<u32>(cpu, load<u32>(cpu, PENDING_TRAPS) | (TRAP_NO_STEP as u32), PENDING_TRAPS);
}

/** The NMI that waits in DOORBELL. */
export function deliver_nmi(cpu: usize): void {
  nmi_take(cpu);
  deliver_interrupt(cpu, VECTOR_NMI);
}

/** External interrupt or NMI, with RIP at the next instruction. Ends HLT. */
export function deliver_interrupt(cpu: usize, vector: u32): void {
  count(cpu, N_INTERRUPTS);
  interrupt(cpu, vector);
}

function interrupt(cpu: usize, vector: u32): void {
  store<i32>(cpu, RUN_RUNNING, RUN_STATE);
  interrupt_enter(cpu, vector, instruction_pointer(cpu), SOURCE_EVENT, 0, false);
  const origin = vector | PENDING_INTERRUPT;
  if (awaits_page(cpu)) pend(cpu, origin, 0);
  else if (faulted(cpu)) deliver(cpu, origin, 0);
}

/** Restarts the delivery of the event that waits for a page. */
export function deliver_pending(cpu: usize): void {
  const event = load<u32>(cpu, PENDING_EVENT);
  const error = load<u32>(cpu, PENDING_ERROR);
  store<u32>(cpu, 0, PENDING_EVENT);
  if ((event & PENDING_INTERRUPT) !== 0) {
    interrupt(cpu, event & 0xff);
    return;
  }
  raise(cpu, event & 0xff, error, (event & PENDING_HAS_ERROR) !== 0 ? 1 : 0);
  deliver(cpu, event, error);
}

function pend(cpu: usize, event: u32, error: u32): void {
  store<u32>(cpu, event, PENDING_EVENT);
  store<u32>(cpu, error, PENDING_ERROR);
}

/**
 * Delivers the exception in EXC_* with RIP at the faulting instruction. If even the double fault cannot be delivered the
 * registers stay as they were and RUN_STATE becomes RUN_SHUTDOWN.
 */
export function deliver_fault(cpu: usize): void {
  const hasError = load<u32>(cpu, EXC_HAS_ERROR) !== 0;
  const origin = load<u32>(cpu, EXC_VECTOR) | PENDING_EXCEPTION | (hasError ? PENDING_HAS_ERROR : 0);
  deliver(cpu, origin, load<u32>(cpu, EXC_ERROR));
}

/**
 * Delivers what is recorded, and what delivering it raises. `origin`, `originError`: the event that it began with, as in PENDING_EVENT. Ends
 * HLT: the trap of a single-stepped HLT comes when the CPU has halted already.
 */
function deliver(cpu: usize, origin: u32, originError: u32): void {
  store<i32>(cpu, RUN_RUNNING, RUN_STATE);
  let earlier = NONE;
  let raised: u32 = 0;
  for (;;) {
    raised++;
    let vector = load<u32>(cpu, EXC_VECTOR);
    let error = load<u32>(cpu, EXC_ERROR);
    let hasError = load<u32>(cpu, EXC_HAS_ERROR) !== 0;
    store<i32>(cpu, 0, FAULT);
    if (earlier === VECTOR_DF) {
      store<i32>(cpu, RUN_SHUTDOWN, RUN_STATE);
      count_many(cpu, N_EXCEPTIONS, raised);
      return;
    }
    if (makes_double_fault(earlier, vector)) {
      vector = VECTOR_DF;
      error = 0;
      hasError = true;
    }
    // Real mode pushes no error codes; interrupt_enter takes care of that. #DB here is a trap, #DF an abort: neither sets RF.
    const source = vector === VECTOR_DF || vector === VECTOR_DB ? SOURCE_EVENT : SOURCE_FAULT;
    const pushed = hasError && (in_protected_mode(cpu) || in_vm86(cpu));
    interrupt_enter(cpu, vector, instruction_pointer(cpu), source, error, pushed);
    if (!faulted(cpu)) {
      count_many(cpu, N_EXCEPTIONS, raised);
      return;
    }
    if (awaits_page(cpu)) {
      pend(cpu, origin, originError);
      return;
    }
    earlier = vector;
  }
}

function is_contributory(vector: u32): bool {
  return vector === VECTOR_DE || (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

function makes_double_fault(first: u32, second: u32): bool {
  if (first === VECTOR_PF) return second === VECTOR_PF || is_contributory(second);
  return is_contributory(first) && is_contributory(second);
}
