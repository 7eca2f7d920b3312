// The dispatcher: takes interrupts, finds the code at RIP, runs it as a translated region or as interpreted records, and
// delivers what it raised. One call runs one slice.
//
// Invariant at the top of the loop: RIP and the flags are architectural, the flags canonical.

import {
  AVOIDABLE_EXITS,
  BUDGET,
  COLD_FAULT,
  COLD_MISS,
  COLD_PLANAR,
  COLD_STRADDLE,
  DOORBELL,
  DOORBELL_NMI,
  DOORBELL_STOP,
  EXIT_FPU_ERROR,
  EXIT_HALT,
  EXIT_PAGE,
  EXIT_SHUTDOWN,
  EXIT_SLICE,
  EXIT_STOP,
  F_KIND,
  FAULT,
  JC_REGION,
  JC_TARGET,
  LEAVE,
  MODE,
  MODE_SINGLE,
  N_COLD_EXITS,
  N_EXITS_FAULT,
  N_EXITS_MISS,
  N_EXITS_REQUEST,
  N_EXITS_SLICE,
  N_EXITS_UNLINKED,
  N_INSTRUCTIONS,
  N_REGION_ENTRIES,
  N_TRANSLATED,
  PENDING_EVENT,
  PLANAR_ACCESSES,
  REC_HANDLER,
  REC_LENGTH,
  RIP,
  RUN_HALTED,
  RUN_SHUTDOWN,
  RUN_STATE,
  SEG,
  SEG_BASE,
  SEG_CS,
  SEG_SIZE,
  SHADOW,
  SYSFLAGS,
  WATCH,
} from '../../abi/layout.ts';
import { deliver_fault, deliver_interrupt, deliver_nmi, deliver_pending } from '../interrupts/delivery';
import { after_instruction, before_instruction, fetch_check, is_near_limit } from '../interrupts/stepping';
import { count, count_many } from '../state/counters';
import { awaits_fpu_interrupt, awaits_page } from '../state/exceptions';
import { flags_canonical } from '../state/flags';
import { doorbell_due } from '../state/interrupt-window';
import { acknowledge_interrupt, hot_block, left_often } from './blocks';
import { find_code } from './code-table';

// Before the records of a block: how many instructions it has, and how often it may still run before it counts as hot.
const BLOCK_COUNT: usize = 8;
const BLOCK_HEAT: usize = 4;

const TF: u32 = 0x100;
const RF: u32 = 0x10000;

/** Runs about `budget` instructions; the result is an EXIT_*. */
export function run(cpu: usize, budget: i32): i32 {
  store<i32>(cpu, budget, BUDGET);
  const reason = slice(cpu);
  count_many(cpu, N_INSTRUCTIONS, budget - load<i32>(cpu, BUDGET));
  return reason;
}

function slice(cpu: usize): i32 {
  // 1: a region left this one instruction to the interpreter.
  let single: i32 = 0;
  let system: u32 = 0;
  let shadow: i32 = 0;
  if (load<u32>(cpu, PENDING_EVENT) !== 0) deliver_pending(cpu);
  while (true) {
    if (load<i32>(cpu, FAULT) !== 0) {
      if (awaits_page(cpu)) {
        leave_instruction(cpu, system, shadow);
        return EXIT_PAGE;
      }
      if (awaits_fpu_interrupt(cpu)) {
        // With no shadow: an interrupt is what it waits for.
        leave_instruction(cpu, system, 0);
        return EXIT_FPU_ERROR;
      }
      deliver_fault(cpu);
      single = 0;
      if (load<i32>(cpu, RUN_STATE) === RUN_SHUTDOWN) return EXIT_SHUTDOWN;
      continue;
    }
    if (load<i32>(cpu, BUDGET) < 0) return EXIT_SLICE;
    system = load<u32>(cpu, SYSFLAGS);
    shadow = load<i32>(cpu, SHADOW);
    const bell = doorbell_due(cpu);
    if (bell !== 0) {
      if ((bell & DOORBELL_STOP) !== 0) return EXIT_STOP;
      if (shadow === 0) {
        single = 0;
        if ((bell & DOORBELL_NMI) !== 0) deliver_nmi(cpu);
        else deliver_interrupt(cpu, acknowledge_interrupt());
        continue;
      }
    }
    const state = load<i32>(cpu, RUN_STATE);
    if (state === RUN_HALTED) return EXIT_HALT;
    if (state === RUN_SHUTDOWN) return EXIT_SHUTDOWN;

    const stepping = (system & TF) !== 0;
    const watching = load<u32>(cpu, WATCH) !== 0;
    const nearLimit = is_near_limit(cpu);
    const alone = single !== 0 || shadow !== 0 || stepping || watching || nearLimit;
    let mode = load<u32>(cpu, MODE);
    if (alone) mode |= MODE_SINGLE;
    store<i32>(cpu, 0, SHADOW);
    const pc = load<u32>(cpu, RIP) + load<u32>(cpu, SEG + SEG_CS * SEG_SIZE + SEG_BASE);
    if (watching) {
      before_instruction(cpu, pc, shadow);
      if (load<i32>(cpu, FAULT) !== 0) continue;
    }
    if (nearLimit) {
      fetch_check(cpu, 1);
      if (load<i32>(cpu, FAULT) !== 0) continue;
    }
    const entry = find_code(cpu, pc, mode);
    if (load<i32>(cpu, FAULT) !== 0) continue;
    store<i32>(cpu, 0, LEAVE);
    const region = load<u32>(entry, JC_REGION);
    if (region !== 0) {
      const before = load<i32>(cpu, BUDGET);
      single = call_indirect<i32>(region, cpu, region, load<u32>(entry, JC_TARGET));
      count(cpu, N_REGION_ENTRIES);
      count_many(cpu, N_TRANSLATED, before - load<i32>(cpu, BUDGET));
      if (single >= COLD_STRADDLE) {
        const left = load<u32>(cpu, RIP) + load<u32>(cpu, SEG + SEG_CS * SEG_SIZE + SEG_BASE);
        note_avoidable(cpu, left, mode, single);
        single = single === COLD_STRADDLE ? COLD_MISS : COLD_FAULT;
      }
      count_exit(cpu, single);
      if (load<u32>(cpu, F_KIND) !== 0) flags_canonical(cpu);
      continue;
    }
    const cold = single;
    single = 0;
    const records = load<u32>(entry, JC_TARGET) as usize;
    if (nearLimit) {
      fetch_check(cpu, load<u8>(records, REC_LENGTH) as u32);
      if (load<i32>(cpu, FAULT) !== 0) continue;
    }
    const heat = load<i32>(records - BLOCK_HEAT) - 1;
    store<i32>(records - BLOCK_HEAT, heat);
    if (heat === 0) {
      // Before it runs: behind a system call or its return its page may be out of reach. Blocks that run alone are never hot.
      hot_block(pc, mode);
      continue;
    }
    store<i32>(cpu, load<i32>(cpu, BUDGET) - load<i32>(records - BLOCK_COUNT), BUDGET);
    const planar = load<u32>(cpu, PLANAR_ACCESSES);
    call_indirect<i32>(load<u32>(records, REC_HANDLER), cpu, records);
    if (alone) {
      after_instruction(cpu, stepping);
      if (cold !== 0 && load<u32>(cpu, PLANAR_ACCESSES) !== planar)
        note_avoidable(cpu, pc, mode & ~MODE_SINGLE, COLD_PLANAR);
    }
  }
}

/** The instruction is to be restarted, with the `shadow` and the RF of `system` that it began with; an event has used both. */
function leave_instruction(cpu: usize, system: u32, shadow: i32): void {
  store<i32>(cpu, 0, FAULT);
  if (load<u32>(cpu, PENDING_EVENT) !== 0) return;
  store<i32>(cpu, shadow, SHADOW);
  store<u32>(cpu, load<u32>(cpu, SYSFLAGS) | (system & RF), SYSFLAGS);
}

/** Exits that cost about as much as rebuilding a region does. */
const REBUILD_AFTER: u32 = 16384;

/** Counts an exit that other code for the instruction at `pc` would avoid; when there are many, has it rebuilt. `reason`: COLD_*. */
function note_avoidable(cpu: usize, pc: u32, mode: u32, reason: i32): void {
  const exits = load<u32>(cpu, AVOIDABLE_EXITS) + 1;
  store<u32>(cpu, exits % REBUILD_AFTER, AVOIDABLE_EXITS);
  if (exits < REBUILD_AFTER) return;
  left_often(pc, mode, reason);
}

/** Why was a region left? `result`: what it returned. */
function count_exit(cpu: usize, result: i32): void {
  if (result !== 0) {
    count(cpu, N_COLD_EXITS);
    count(cpu, N_EXITS_MISS + (((result - COLD_MISS) << 3) as usize));
  } else if (load<i32>(cpu, FAULT) !== 0) {
    count(cpu, N_EXITS_FAULT);
  } else if (load<i32>(cpu, BUDGET) < 0) {
    count(cpu, N_EXITS_SLICE);
  } else if (atomic.load<i32>(cpu, DOORBELL) !== 0 || load<i32>(cpu, LEAVE) !== 0) {
    count(cpu, N_EXITS_REQUEST);
  } else {
    count(cpu, N_EXITS_UNLINKED);
  }
}
