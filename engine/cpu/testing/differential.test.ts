// Interpreter and translator must be the same CPU: random code through both, then registers, flags, memory and exceptions
// compared, including what the architecture leaves undefined, since both have it from the same definitions.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Registers } from '../../../vectors/loader.ts';
import { engineModules } from './engine-modules.ts';
import { fewRegions } from './few-regions.ts';
import { codeOutcome } from './outcomes.ts';
import { assemble, type RandomCode, randomCode, randomRegisters } from './random-code.ts';
import { VectorMachine } from './vector-machine.ts';

const RUNS = process.env.SOAK ? 3000 : 500;

let interpreting: VectorMachine;
let translating: VectorMachine;
/** The same, with hardly any room for what it translates. */
let evicting: VectorMachine;

beforeAll(async () => {
  const { monitor, interpreter } = await engineModules();
  interpreting = new VectorMachine(monitor, interpreter, { translate: 'never' });
  translating = new VectorMachine(monitor, interpreter, { translate: 'always' });
  evicting = new VectorMachine(monitor, interpreter, { translate: 'always', translationLimits: fewRegions(1) });
});

function outcome(machine: VectorMachine, code: RandomCode, before: Registers, warm: boolean): Record<string, unknown> {
  machine.load({ before, memoryBefore: [], code: assemble(code) }, warm);
  return codeOutcome(machine.run());
}

describe('interpreter and translator', () => {
  it.each([
    ['with an empty TLB', false],
    ['with the data in the TLB', true],
  ])('do the same %s', (_, warm) => {
    fc.assert(
      fc.property(randomCode, randomRegisters, (code, before) => {
        const expected = outcome(interpreting, code, before, warm);
        expect(outcome(translating, code, before, warm)).toEqual(expected);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('do the same with hardly any room for translations', () => {
    fc.assert(
      fc.property(randomCode, randomRegisters, (code, before) => {
        const expected = outcome(interpreting, code, before, true);
        expect(outcome(evicting, code, before, true)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});
