// x87 code in both backends, whose common case is inline, against the monitor's general functions one after the other: every bit
// of the registers, tags, status word, flags and memory; FIP and FDP between the backends.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { X87Machine } from '../../vectors/x87/machine.ts';
import * as L from '../isa/layout.ts';
import { BareMachine } from './testing/bare-machine.ts';
import { engineModules } from './testing/engine-modules.ts';
import {
  assembleX87,
  OPERAND_COUNT,
  OPERANDS,
  operandAddress,
  type X87Case,
  type X87Instruction,
  x87Case,
} from './testing/random-x87.ts';

const RUNS = 1200;
const TIMEOUT_MS = 120_000;
const CODE = 0x1000;
const GUEST_PAGES = 0xa0;
const FIELDS = [L.FPU_CW, L.FPU_SW, L.FPU_TOP, L.FPU_TAG, L.F_R, L.F_A] as const;
/** Reads and writes the operands' page: MOV EAX, [moffs]; MOV [moffs], EAX. */
const TOUCH = [0xa1, 0, 0, 8, 0, 0xa3, 0, 0, 8, 0];
/** Flags before: a result of 1. */
const RESULT_BEFORE = 1;

let oracle: X87Machine;
let interpreting: BareMachine;
let translating: BareMachine;

beforeAll(async () => {
  const { monitor, interpreter } = await engineModules();
  oracle = new X87Machine(monitor);
  interpreting = new BareMachine(monitor, interpreter, { translate: 'never' }, GUEST_PAGES);
  translating = new BareMachine(monitor, interpreter, { translate: 'always' }, GUEST_PAGES);
});

interface State {
  fields: string[];
  registers: string[];
  memory: string[];
}

/** Runs as many of the instructions as do not trap. */
function expected({ code, ...before }: X87Case): { state: State; done: X87Instruction[] } {
  oracle.reset();
  before.operands.forEach((bytes, n) => {
    oracle.bytes(operandAddress(n), bytes.length).set(bytes);
  });
  oracle.set32(L.FPU_CW, before.controlWord);
  oracle.set32(L.FPU_TOP, before.top);
  oracle.set32(L.FPU_TAG, before.empty);
  oracle.set32(L.F_KIND, 0);
  oracle.set32(L.F_R, RESULT_BEFORE);
  before.registers.forEach((number, n) => {
    oracle.setRegister(n, number);
  });
  const traps = code.findIndex(
    ({ modrm, row, place }) => oracle.execute(row.opcode, modrm, operandAddress(place), oracle.eflags()) !== undefined,
  );
  const done = traps < 0 ? code : code.slice(0, traps);
  return {
    done,
    state: stateOf(
      (field) => oracle.get32(field),
      (address) => oracle.view.getUint32(address, true),
    ),
  };
}

function stateOf(field: (offset: number) => number, word: (address: number) => number): State {
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
  return {
    fields: FIELDS.map((offset) => hex(field(offset))),
    registers: Array.from({ length: 8 }, (_, n) => {
      const at = L.FPR + n * 16;
      return `${hex(field(at + 8) & 0xffff)}:${hex(field(at + 4))}${hex(field(at))}`;
    }),
    memory: Array.from({ length: OPERAND_COUNT * 4 }, (_, n) => hex(word(OPERANDS + n * 4))),
  };
}

function actual(
  machine: BareMachine,
  before: X87Case,
  code: readonly X87Instruction[],
): State & { pointers: number[] } {
  before.operands.forEach((bytes, n) => {
    machine.poke(operandAddress(n), bytes);
  });
  machine.poke(CODE, [...(before.warm ? TOUCH : []), ...assembleX87(code)]);
  machine.executor.stateReplaced();
  machine.setRegister(L.FPU_CW, before.controlWord);
  machine.setRegister(L.FPU_SW, 0);
  machine.setRegister(L.FPU_TOP, before.top);
  machine.setRegister(L.FPU_TAG, before.empty);
  machine.setRegister(L.FPU_IP, 0);
  machine.setRegister(L.FPU_DP, 0);
  machine.setRegister(L.F_KIND, 0);
  machine.setRegister(L.F_R, RESULT_BEFORE);
  machine.setRegister(L.F_A, 0);
  before.registers.forEach(({ significand, signExponent }, n) => {
    const at = L.FPR + n * 16;
    machine.setRegister(at, Number(significand & 0xffffffffn));
    machine.setRegister(at + 4, Number(significand >> 32n));
    machine.setRegister(at + 8, signExponent);
  });
  machine.run(CODE);
  const state = stateOf(
    (field) => machine.register(field),
    (address) => machine.word(address),
  );
  return { ...state, pointers: [machine.register(L.FPU_IP), machine.register(L.FPU_DP)] };
}

describe('x87 code', () => {
  it(
    'does in both backends what the monitor does',
    () => {
      fc.assert(
        fc.property(x87Case, (before) => {
          const { state, done } = expected(before);
          const interpreted = actual(interpreting, before, done);
          expect(interpreted).toEqual({ ...state, pointers: interpreted.pointers });
          expect(actual(translating, before, done)).toEqual(interpreted);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});
