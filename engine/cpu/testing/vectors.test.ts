// The instructions against a real CPU (vectors/README.md): every vector in the interpreter, and a sample of each group in
// the translator, which has the same definitions and costs a compilation each.

import { beforeAll, describe, expect, it } from 'vitest';
import { compareVector, describeFailure, type Result } from '../../../vectors/compare.ts';
import { loadVectors, type Vector, vectorGroups } from '../../../vectors/loader.ts';
import { engineModules } from './engine-modules.ts';
import { VectorMachine } from './vector-machine.ts';

/** One vector in so many is translated; in the soak (`npm run soak`) more. */
const SAMPLE = process.env.SOAK ? 11 : 31;
const SHOWN_FAILURES = 3;
const BREAKPOINT = 3;
const TIMEOUT_MS = 120_000;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

/** The machine takes INT3 for the end of the code; where INT3 is what is tested, it is an exception with EIP behind it. */
function outcome(vector: Vector, result: Result): Result {
  if (vector.exception?.vector !== BREAKPOINT || result.exception) return result;
  const registers = { ...result.registers, eip: result.registers.eip + 1 };
  return { ...result, registers, exception: { vector: BREAKPOINT, error: 0, cr2: 0 } };
}

function failures(group: string, translate: 'never' | 'always', step: number): string[] {
  // Rare cases are to be done by the translated code, not left to the interpreter.
  const machine = new VectorMachine(monitor, interpreter, { translate, general: true });
  const reports: string[] = [];
  let failed = 0;
  for (const vector of loadVectors(group)) {
    if (vector.index % step !== 0) continue;
    machine.load(vector, translate === 'always');
    const differences = compareVector(vector, outcome(vector, machine.run()));
    if (differences.length === 0) continue;
    failed++;
    if (reports.length < SHOWN_FAILURES) reports.push(describeFailure(vector, differences));
  }
  return failed === 0 ? [] : [`${failed} vectors of '${group}' fail, among them:`, ...reports];
}

describe('vectors of a real CPU', () => {
  it.each(vectorGroups())('%s: interpreter', (group) => expect(failures(group, 'never', 1)).toEqual([]), TIMEOUT_MS);
  it.each(vectorGroups())(
    '%s: translator',
    (group) => expect(failures(group, 'always', SAMPLE)).toEqual([]),
    TIMEOUT_MS,
  );
});
