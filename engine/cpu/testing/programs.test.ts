// Loops of code against a real CPU (vectors/programs/README.md): hot loops whose operands walk over the ends of pages, with
// alignment checks and single steps. What the recording CPU could not be asked for follows from what it did: breakpoints change
// nothing but for their own traps, and where a page ends a segment's limit can end as well.

import { beforeAll, describe, expect, it } from 'vitest';
import { CODE_BASE, DATA_END, PAGE_SIZE } from '../../../vectors/environment.ts';
import { loadPrograms, type Program } from '../../../vectors/programs/loader.ts';
import * as L from '../abi/layout.ts';
import { engineModules } from './engine-modules.ts';
import { type ProgramRun, runProgram } from './run-program.ts';
import { VectorMachine } from './vector-machine.ts';

const SHOWN = 3;
const GENERAL_PROTECTION = 13;
const PAGE_FAULT = 14;
const FS_OVERRIDE = 0x64;
const SS_OVERRIDE = 0x36;
const BREAKPOINT_CONDITIONS = 0xf;
const SINGLE_STEP = 0x4000;

type Backend = 'never' | 'always';
type Outcome = Pick<Program, 'events' | 'vectors' | 'pages'>;
/** Runs the program with this index. */
type Run<T> = (machine: VectorMachine, program: Program, index: number) => T;

const programs = loadPrograms();
let modules: Awaited<ReturnType<typeof engineModules>>;

beforeAll(async () => {
  modules = await engineModules();
});

const machineOf = (translate: Backend) =>
  new VectorMachine(modules.monitor, modules.interpreter, { translate, general: true });

/** A run as it was recorded, less the traps of breakpoints. */
function withoutBreakpoints({ events, vectors, pages }: ProgramRun): Outcome {
  const kept = events.filter(({ conditions }) => conditions === 0 || (conditions & SINGLE_STEP) !== 0);
  return { events: kept.map(({ conditions, ...event }) => event), vectors, pages };
}

const recorded = ({ events, vectors, pages }: Program): Outcome => ({ events, vectors, pages });

interface Comparison<T> {
  run: Run<T>;
  expected: Run<T>;
  /** One program in so many: translating each costs its time. */
  step: number;
  among?: readonly Program[];
}

/** What the first programs to differ did, behind how many there are. */
function differences<T>(backend: Backend, { run, expected, step, among = programs }: Comparison<T>): unknown[] {
  const reports: unknown[] = [];
  let failed = 0;
  let machine = machineOf(backend);
  among.forEach((program, index) => {
    if (index % step !== 0) return;
    let actual: T | string;
    try {
      actual = run(machine, program, index);
    } catch (error) {
      actual = String(error);
      machine = machineOf(backend);
    }
    const wanted = expected(machine, program, index);
    if (JSON.stringify(actual) === JSON.stringify(wanted)) return;
    failed++;
    if (reports.length < SHOWN)
      reports.push({ index, code: Buffer.from(program.code).toString('hex'), ...firstDifference(actual, wanted) });
  });
  return failed === 0 ? [] : [`${failed} programs differ`, ...reports];
}

function firstDifference(actual: unknown, wanted: unknown): { actual: unknown; wanted: unknown } {
  const events = (value: unknown): unknown[] => (value as Partial<Outcome>).events ?? [];
  const [some, others] = [events(actual), events(wanted)];
  const at = others.findIndex((event, n) => JSON.stringify(event) !== JSON.stringify(some[n]));
  return at < 0 || some[at] === undefined ? { actual, wanted } : { actual: some[at], wanted: others[at] };
}

describe.each<[string, Backend, number]>([
  ['interpreter', 'never', 1],
  ['translator', 'always', 4],
])('programs of a real CPU: %s', (_, backend, step) => {
  it('do what they did', () => {
    const run: Run<Outcome> = (machine, program) => withoutBreakpoints(runProgram(machine, program));
    expect(differences(backend, { run, expected: (_, program) => recorded(program), step })).toEqual([]);
  });

  it('do the same with breakpoints that nothing touches, in the pages of code, stack and data', () => {
    const run: Run<Outcome & { hits: number }> = (machine, program, index) => {
      const result = runProgram(machine, program, () => machine.watch(untouched(index)));
      return { ...withoutBreakpoints(result), hits: hitsOf(result) };
    };
    expect(
      differences(backend, { run, expected: (_, program) => ({ ...recorded(program), hits: 0 }), step: 2 * step }),
    ).toEqual([]);
  });

  it('do the same, with traps, where they pass breakpoints', () => {
    let hits = 0;
    const run: Run<Outcome> = (machine, program, index) => {
      const result = runProgram(machine, program, () => machine.watch(onTheWay(program, index)));
      hits += hitsOf(result);
      return withoutBreakpoints(result);
    };
    expect(differences(backend, { run, expected: (_, program) => recorded(program), step: 2 * step })).toEqual([]);
    expect(hits).toBeGreaterThan(programs.length / (30 * step));
  });

  it('meet a limit of DS and ES where they met the end of the mapped pages', () => {
    const among = programs.filter(({ events, code }) => {
      const last = events.at(-1)!;
      return last.vector === PAGE_FAULT && last.cr2 === DATA_END && !hasOverride(code);
    });
    expect(among.length).toBeGreaterThan(100);
    const run: Run<Outcome> = (machine, program) =>
      withoutBreakpoints(
        runProgram(machine, program, () => {
          for (const segment of [L.SEG_ES, L.SEG_DS]) machine.limit(segment, DATA_END - 1);
        }),
      );
    expect(differences(backend, { run, expected: (_, program) => atTheLimit(program), step, among })).toEqual([]);
  });
});

describe('interpreter and translator', () => {
  it('trap at the same breakpoints', () => {
    const interpreting = machineOf('never');
    const run: Run<ProgramRun> = (machine, program, index) =>
      runProgram(machine, program, () => machine.watch(onTheWay(program, index)));
    const expected: Run<ProgramRun> = (_, program, index) => run(interpreting, program, index);
    expect(differences('always', { run, expected, step: 10 })).toEqual([]);
  });
});

/** By FS or SS: other segments than those whose limit is changed. Such bytes in immediates only make fewer programs. */
function hasOverride(code: Uint8Array): boolean {
  return code.includes(FS_OVERRIDE) || code.includes(SS_OVERRIDE);
}

function hitsOf({ events }: ProgramRun): number {
  return events.filter(({ conditions }) => (conditions & BREAKPOINT_CONDITIONS) !== 0).length;
}

/** In pages of code, which nothing reads, and at the end of the stack's page. */
function untouched(index: number) {
  return [
    { address: CODE_BASE + (index % 2) * PAGE_SIZE + 16, size: 4, type: 3 },
    { address: CODE_BASE + ((index >> 1) % 2) * PAGE_SIZE + 24, size: 1, type: 1 },
    { address: 0x00600f00, size: 4, type: 3 },
  ];
}

/** Near where one of the pointers EBX, ESI, EDI starts, and where the last event has it. */
function onTheWay({ before, events }: Program, index: number) {
  const end = events.at(-1)!.general;
  const register = [3, 6, 7][index % 3]!;
  const size = 1 << ((index >> 2) % 3);
  const type = index % 2 === 0 ? 1 : 3;
  return [before.general[register]! + 16, end[register]!].map((address) => ({
    address: (address & ~(size - 1)) >>> 0,
    size,
    type,
  }));
}

/** The page fault that ended it as a violation of the limit: the same state, and #GP(0). */
function atTheLimit(program: Program): Outcome {
  const last = program.events.at(-1)!;
  const fault = { ...last, vector: GENERAL_PROTECTION, error: 0, cr2: 0 };
  return { ...recorded(program), events: [...program.events.slice(0, -1), fault] };
}
