// Chains of scalar SSE arithmetic in one block, where the translator carries from instruction to instruction what it knows of
// operands: whatever numbers come, registers and MXCSR are those that the interpreter leaves.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutorTuning } from '../executor/executor.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { ENABLE_SSE, le32 } from './machine-code.ts';

const MAIN = 0x1000;
const DATA = 0x8000;
const RESULT = 0x9000;
const MXCSR_AT = 0xa000;
const REGISTERS = 4;
const SLOTS = 8;
const RUNS = process.env.SOAK ? 1000 : 120;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

const HLT = 0xf4;

interface Step {
  double: boolean;
  /** 0x10 MOVS, 0x51 SQRT, 0x58 ADD, 0x59 MUL, 0x5c SUB, 0x5e DIV, 0x2f COMIS, 0x28 MOVAP between registers. */
  opcode: number;
  register: number;
  source: { register: number } | { slot: number };
}

function encode({ double, opcode, register, source }: Step): number[] {
  const packed = opcode === 0x28 || opcode === 0x2f;
  const prefix = packed ? (double ? [0x66] : []) : [double ? 0xf2 : 0xf3];
  const operand =
    'register' in source
      ? [0xc0 | (register << 3) | source.register]
      : [0x05 | (register << 3), ...le32(DATA + 16 * source.slot)];
  return [...prefix, 0x0f, opcode, ...operand];
}

const step = fc.record({
  double: fc.boolean(),
  opcode: fc.constantFrom(0x10, 0x51, 0x58, 0x58, 0x59, 0x59, 0x5c, 0x5e, 0x2f, 0x28),
  register: fc.nat(REGISTERS - 1),
  source: fc.oneof(fc.record({ register: fc.nat(REGISTERS - 1) }), fc.record({ slot: fc.nat(SLOTS - 1) })),
});

const double = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.1,
    3,
    2 ** -1022,
    2 ** -1023,
    2 ** -1074,
    1.5 * 2 ** -600,
    2 ** 600,
    2 ** 1023,
    Infinity,
    NaN,
  ),
  fc.double(),
);
const single = fc.oneof(
  fc.constantFrom(0, -0, 1, 0.1, 2 ** -126, 2 ** -127, 2 ** -149, 2 ** 100, Infinity, NaN),
  fc.float(),
);
/** All exceptions masked, with and without PE set, and rounding up. */
const mxcsr = fc.constantFrom(0x1f80, 0x1fa0, 0x1fa0, 0x5fa0, 0x9fe0);

describe('chains of scalar arithmetic', () => {
  it('come to the same, translated and interpreted', () => {
    const tunings: ExecutorTuning[] = [
      { translate: 'never' },
      { translate: 'always' },
      { translate: 'always', general: true },
    ];
    const machines = tunings.map((tuning) => new BareMachine(monitor, interpreter, tuning));
    const slots = fc.array(fc.tuple(double, single), { minLength: SLOTS, maxLength: SLOTS });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), slots, mxcsr, (steps, values, control) => {
        const code = [
          ...ENABLE_SSE,
          ...[0x0f, 0xae, 0x15, ...le32(MXCSR_AT)],
          ...Array.from({ length: REGISTERS }, (_, n) => [0x0f, 0x28, 0x05 | (n << 3), ...le32(DATA + 16 * n)]).flat(),
          ...steps.flatMap(encode),
          ...Array.from({ length: REGISTERS }, (_, n) => [
            0x0f,
            0x29,
            0x05 | (n << 3),
            ...le32(RESULT + 16 * n),
          ]).flat(),
          ...[0x0f, 0xae, 0x1d, ...le32(RESULT + 16 * REGISTERS)],
          HLT,
        ];
        const data = new DataView(new ArrayBuffer(16 * SLOTS));
        values.forEach(([wide, narrow], n) => {
          // A register's lower half is read as a single by some steps and as a double by others.
          if (n % 2 === 0) data.setFloat64(16 * n, wide, true);
          else data.setFloat32(16 * n, narrow, true);
          data.setFloat64(16 * n + 8, wide, true);
        });
        const [expected, ...actual] = machines.map((machine) => {
          machine.executor.invalidateCode(MAIN, 0x1000);
          machine.poke(DATA, new Uint8Array(data.buffer));
          machine.pokeWord(MXCSR_AT, control);
          machine.poke(MAIN, code);
          machine.run(MAIN);
          return Array.from({ length: 4 * REGISTERS + 1 }, (_, n) => machine.word(RESULT + 4 * n).toString(16));
        });
        expect(actual).toEqual([expected, expected]);
      }),
      { numRuns: RUNS },
    );
  });
});
