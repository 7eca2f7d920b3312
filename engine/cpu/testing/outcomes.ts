// What code on a VectorMachine has come to, for comparison.

import type { Result } from '../../../vectors/compare.ts';
import { DATA_PAGES, pagePattern } from '../../../vectors/environment.ts';
import type { Vector } from '../../../vectors/loader.ts';

const BREAKPOINT = 3;

/** The machine takes INT3 for the end of the code; where INT3 is what is tested, it is an exception with EIP behind it. */
export function vectorOutcome(vector: Vector, result: Result): Result {
  if (vector.exception?.vector !== BREAKPOINT || result.exception) return result;
  const registers = { ...result.registers, eip: result.registers.eip + 1 };
  return { ...result, registers, exception: { vector: BREAKPOINT, error: 0, cr2: 0 } };
}

/** All that code can have changed, as text. */
export function codeOutcome(result: Result): Record<string, unknown> {
  const { registers, exception } = result;
  return {
    general: [...registers.general].map((value) => value.toString(16)).join(' '),
    eip: registers.eip.toString(16),
    eflags: registers.eflags.toString(16),
    mxcsr: registers.mxcsr.toString(16),
    mm: [...registers.mm].map((value) => value.toString(16)).join(' '),
    xmm: hex(registers.xmm),
    exception,
    memory: DATA_PAGES.flatMap(({ address }) => changes(result, address)),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The bytes of a data page that differ from what they were, as 'address: byte'. */
function changes(result: Result, address: number): string[] {
  const before = pagePattern(address);
  const changed: string[] = [];
  result.readPage(address).forEach((byte, at) => {
    if (byte !== before[at]) changed.push(`${(address + at).toString(16)}: ${byte.toString(16)}`);
  });
  return changed;
}
