// The tests of vectors.*.test.ts: instructions against a real CPU (vectors/README.md). Every vector runs in the interpreter, and
// a sample of each group in the translator, which has the same definitions and costs a compilation each.
//
// The groups are shared out among test files that take about as long, for they run at the same time.

import { beforeAll, describe, expect, it } from 'vitest';
import { compareVector, describeFailure } from '../../../vectors/compare.ts';
import { loadVectors, vectorGroups } from '../../../vectors/loader.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { vectorOutcome } from './outcomes.ts';
import { VectorMachine } from './vector-machine.ts';

const SHARES = {
  integer: 'arithmetic bit block decimal fault jump move multiply shift stack string'.split(' '),
  simd: 'block-simd mmx sse-convert sse-float sse-integer sse-move sse-mxcsr sse3 sse4 ssse3'.split(' '),
};

/** One vector in so many is translated; in the soak (`npm run soak`) more. */
const SAMPLE = process.env.SOAK ? 3 : 31;
const SHOWN_FAILURES = 3;

function failures(
  { monitor, interpreter }: EngineModules,
  group: string,
  translate: 'never' | 'always',
  step: number,
): string[] {
  // Rare cases are to be done by the translated code, not left to the interpreter.
  const machine = new VectorMachine(monitor, interpreter, { translate, general: true });
  const reports: string[] = [];
  let failed = 0;
  for (const vector of loadVectors(group)) {
    if (vector.index % step !== 0) continue;
    machine.load(vector, translate === 'always');
    const differences = compareVector(vector, vectorOutcome(vector, machine.run()));
    if (differences.length === 0) continue;
    failed++;
    if (reports.length < SHOWN_FAILURES) reports.push(describeFailure(vector, differences));
  }
  return failed === 0 ? [] : [`${failed} vectors of '${group}' fail, among them:`, ...reports];
}

export function testVectors(share: keyof typeof SHARES): void {
  let modules: EngineModules;
  beforeAll(async () => {
    modules = await engineModules();
  });

  it('every group is in one share', () => {
    expect(Object.values(SHARES).flat().sort()).toEqual(vectorGroups());
  });

  describe.each(SHARES[share])('vectors of a real CPU: %s', (group) => {
    it('interpreter', () => expect(failures(modules, group, 'never', 1)).toEqual([]));
    it('translator', () => expect(failures(modules, group, 'always', SAMPLE)).toEqual([]));
  });
}
