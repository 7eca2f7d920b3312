// Whatever may fault comes before the first change of state: instructions of the opcode tables with an operand that is partly
// absent, read-only, beyond a limit or misaligned, in both backends.
// What #AC asks of which operand: Intel SDM vol. 3 table 6-7; all of it, MASKMOVQ and the order among faults as AMD's processors do.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../../vectors/compare.ts';
import { DATA_PAGES, pagePattern } from '../../../vectors/environment.ts';
import type { Registers } from '../../../vectors/loader.ts';
import { engineModules } from './engine-modules.ts';
import {
  CODE,
  ENCODINGS,
  type Encoding,
  isOfBytes,
  isRepeated,
  type OperandCase,
  prepared,
  TARGETS,
  type Target,
} from './operand-cases.ts';
import { VectorMachine } from './vector-machine.ts';

const INTERPRETED = 12_000;
const TRANSLATED = 150;

const DEBUG = 1;
const OVERFLOW = 4;
const GENERAL_PROTECTION = 13;
const PAGE_FAULT = 14;
const ALIGNMENT = 17;
const SIMD_EXCEPTION = 19;

/** Behind the last data page. */
const ABOVE = 0x00502000;
const NOWHERE = 0x00503000;
/** Writable pages with others before or behind them, an absent and a read-only page. */
const EDGES = [ABOVE, ABOVE, 0x00500000, 0x00008000, 0x00009000, NOWHERE + 0x80, 0x004ff080];

interface Place {
  /** Of the page behind the data pages. */
  above: 'absent' | 'read-only';
  limit: number | undefined;
}

let interpreting: VectorMachine;
let translating: VectorMachine;
/** The same for all cases. */
let floatingBefore: string;

beforeAll(async () => {
  const { monitor, interpreter } = await engineModules();
  interpreting = new VectorMachine(monitor, interpreter, { translate: 'never' });
  translating = new VectorMachine(monitor, interpreter, { translate: 'always' });
  interpreting.load(prepared({ encoding: ENCODINGS[0]!, target: 'operand', address: ABOVE, alignmentChecked: false }));
  floatingBefore = hex(interpreting.floatingState());
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function run(machine: VectorMachine, test: OperandCase, { above, limit }: Place, warm: boolean): Result {
  machine.setPage(ABOVE, above);
  machine.load(prepared(test), warm);
  if (limit !== undefined) machine.setDataLimit(limit);
  return machine.run();
}

function memoryChanges(result: Result): string[] {
  return DATA_PAGES.flatMap(({ address }) => {
    const before = pagePattern(address);
    const page = result.readPage(address);
    if (Buffer.compare(page, before) === 0) return [];
    return [...page.keys()]
      .filter((at) => page[at] !== before[at])
      .map((at) => `${(address + at).toString(16)}: ${page[at]}`);
  });
}

/** All that an instruction can change, to be compared. */
function state({ general, eip, eflags }: Registers, floating: string, memory: readonly string[]) {
  return { general: [...general].map((value) => value.toString(16)), eip, eflags, floating, memory };
}

function stateAfter(machine: VectorMachine, result: Result) {
  return state(result.registers, hex(machine.floatingState()), memoryChanges(result));
}

/** A trap comes behind its instruction; #XM leaves its reason in MXCSR. */
function isFault({ exception, registers }: Result): boolean {
  return (
    exception !== undefined && registers.eip === CODE && ![DEBUG, OVERFLOW, SIMD_EXCEPTION].includes(exception.vector)
  );
}

const FLAT: Place = { above: 'absent', limit: undefined };

function exceptionAt(encoding: Encoding, target: Target, address: number, alignmentChecked: boolean) {
  const result = run(interpreting, { encoding, target, address, alignmentChecked }, FLAT, false);
  return result.registers.eip === CODE ? result.exception : undefined;
}

/** Each encoding with each way in which it reaches memory. */
function accesses(): [Encoding, Target][] {
  const reaches = (encoding: Encoding, target: Target): boolean => {
    const exception = exceptionAt(encoding, target, NOWHERE + 0x800, false);
    return exception?.vector === PAGE_FAULT && exception.cr2 >>> 12 === NOWHERE >>> 12;
  };
  return ENCODINGS.flatMap((encoding) =>
    TARGETS.filter((target) => reaches(encoding, target)).map((target): [Encoding, Target] => [encoding, target]),
  );
}

const randomCase = fc.record({
  encoding: fc.constantFrom(...ENCODINGS),
  target: fc.constantFrom(...TARGETS, 'operand' as const, 'operand' as const),
  address: fc
    .tuple(
      fc.constantFrom(...EDGES),
      fc.oneof(
        fc.integer({ min: -16, max: 16 }),
        fc.integer({ min: -128, max: 128 }),
        fc.constantFrom(-512, -256, -96, -64, 32),
      ),
    )
    .map(([edge, distance]) => edge + distance),
  alignmentChecked: fc.boolean(),
});
const randomPlace = fc.record({
  above: fc.constantFrom('absent' as const, 'read-only' as const),
  limit: fc.constantFrom(undefined, undefined, ABOVE - 1),
});

describe('an instruction that faults', () => {
  it('has changed nothing', () => {
    fc.assert(
      fc.property(randomCase, randomPlace, (test, place) => {
        const result = run(interpreting, test, place, false);
        if (!isFault(result) || isRepeated(test.encoding)) return;
        expect(stateAfter(interpreting, result)).toEqual(state(prepared(test).before, floatingBefore, []));
      }),
      { numRuns: INTERPRETED },
    );
  });

  it('does so alike in both backends', () => {
    fc.assert(
      fc.property(randomCase, randomPlace, fc.boolean(), (test, place, warm) => {
        const expected = run(interpreting, test, place, warm);
        const expectedState = stateAfter(interpreting, expected);
        const actual = run(translating, test, place, warm);
        expect(actual.exception).toEqual(expected.exception);
        expect(stateAfter(translating, actual)).toEqual(expectedState);
      }),
      { numRuns: TRANSLATED },
    );
  });
});

describe('with EFLAGS.AC set in user mode', () => {
  it('every operand of more than a byte is refused at an odd address, however it is reached', () => {
    const missing = accesses()
      .filter(([encoding]) => !isOfBytes(encoding))
      .filter(([encoding, target]) => {
        const vector = exceptionAt(encoding, target, 0x00500801, true)?.vector;
        // Some ask for alignment in any case.
        const always =
          vector === GENERAL_PROTECTION && exceptionAt(encoding, target, 0x00500801, false)?.vector === vector;
        return vector !== ALIGNMENT && !always;
      })
      .map(([encoding, target]) => `${encoding.name} by ${target}`);
    expect(missing).toEqual([]);
  });

  it('no operand is refused at a multiple of 16', () => {
    const refused = accesses()
      // These store a word and a doubleword behind it.
      .filter(([{ instruction }]) => !['SGDT', 'SIDT'].includes(instruction.mnemonic))
      .filter(([encoding, target]) => exceptionAt(encoding, target, 0x00500800, true)?.vector === ALIGNMENT)
      .map(([encoding, target]) => `${encoding.name} by ${target}`);
    expect(refused).toEqual([]);
  });
});
