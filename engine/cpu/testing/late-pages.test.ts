// Instructions and random code on a machine whose pages come late (late-pages.ts): what comes out is what a real CPU did, and what
// the same code does where all pages are there. Each instruction that meets an absent page is restarted, so this shows that
// whatever may fault comes before the first change of state.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareVector, describeFailure } from '../../../vectors/compare.ts';
import { loadVectors, vectorGroups } from '../../../vectors/loader.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { codeOutcome, vectorOutcome } from './outcomes.ts';
import { assemble, randomCode, randomRegisters } from './random-code.ts';
import { VectorMachine } from './vector-machine.ts';

/** One vector in so many; in the soak (`npm run soak`) all. */
const SAMPLE = process.env.SOAK ? 1 : 23;
const SHOWN_FAILURES = 3;
const RUNS = 250;

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

const machineOf = (translate: 'never' | 'always' | 'hot', seed?: number) =>
  new VectorMachine(modules.monitor, modules.interpreter, { translate, general: true }, seed);

describe('vectors of a real CPU come out the same when pages come late', () => {
  it.each(vectorGroups())('%s', (group) => {
    const machine = machineOf('never', 77);
    const reports: string[] = [];
    for (const vector of loadVectors(group)) {
      if (vector.index % SAMPLE !== 0) continue;
      machine.load(vector);
      const found = compareVector(vector, vectorOutcome(vector, machine.run()));
      if (found.length > 0 && reports.length < SHOWN_FAILURES) reports.push(describeFailure(vector, found));
    }
    expect(reports).toEqual([]);
    expect(machine.late!.waits).toBeGreaterThan(300);
  });
});

it.each(['never', 'always', 'hot'] as const)('random code comes out the same, translated: %s', (translate) => {
  const [there, late] = [machineOf('never'), machineOf(translate, 1234)];
  fc.assert(
    fc.property(randomCode, randomRegisters, (code, before) => {
      const vector = { before, memoryBefore: [], code: assemble(code) };
      there.load(vector);
      late.load(vector);
      expect(codeOutcome(late.run())).toEqual(codeOutcome(there.run()));
    }),
    { numRuns: RUNS },
  );
  expect(late.late!.waits).toBeGreaterThan(1000);
});
