// Runs a program of vectors/programs on a VectorMachine: what a handler of each trap and fault would find, and what is left.

import type { Result } from '../../../vectors/compare.ts';
import {
  FLAGS_COMPARED,
  HASHED_PAGES,
  hash,
  MAXIMUM_EVENTS,
  type Program,
  type ProgramEvent,
  STATUS_COMPARED,
} from '../../../vectors/programs/loader.ts';
import type { VectorMachine } from './vector-machine.ts';

const DEBUG = 1;
const BREAKPOINT = 3;
const SINGLE_STEP = 0x4000;

export interface ObservedEvent extends ProgramEvent {
  /** DR6's B0..3 and BS; 0 unless #DB. */
  conditions: number;
}

export interface ProgramRun {
  events: ObservedEvent[];
  vectors: number;
  pages: number[];
}

/** `prepare` changes the machine behind its loading (breakpoints, limits). Traps of breakpoints alone count for no event. */
export function runProgram(
  machine: VectorMachine,
  { before, code, events: { length: recorded } }: Program,
  prepare: (machine: VectorMachine) => void = () => {},
): ProgramRun {
  machine.load({ before, memoryBefore: [], code });
  prepare(machine);
  const events: ObservedEvent[] = [];
  let counted = 0;
  let result = machine.run();
  for (;;) {
    const event = observe(machine, result);
    events.push(event);
    if (event.conditions === 0 || (event.conditions & SINGLE_STEP) !== 0) counted++;
    // More than were recorded would not be looked at, and not all programs end by themselves.
    if (event.vector !== DEBUG || counted === MAXIMUM_EVENTS || counted > recorded) break;
    result = machine.resume();
  }
  const pages = HASHED_PAGES.map((address) => hash(result.readPage(address)));
  return { events, vectors: hash(result.registers.xmm, hash(machine.x87().stack)), pages };
}

function observe(machine: VectorMachine, { registers, exception }: Result): ObservedEvent {
  const vector = exception?.vector ?? BREAKPOINT;
  return {
    vector,
    error: exception?.error ?? 0,
    cr2: exception?.cr2 ?? 0,
    // INT3 has its own EIP in a result.
    eip: registers.eip + (exception ? 0 : 1),
    eflags: registers.eflags & FLAGS_COMPARED,
    status: machine.x87().status & STATUS_COMPARED,
    general: [...registers.general],
    conditions: vector === DEBUG ? machine.takeDebugConditions() : 0,
  };
}
