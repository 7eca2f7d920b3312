// The programs, where they lie, and what identifies their sources.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Their outputs come from a processor: the encodings in them are the same in 64-bit code. */
export const RECORDED = ['alignment', 'x87-faults', 'features', 'straddle'];
/** Of what 64-bit code does not have, and of debug registers, which not every virtual machine gives: from the manuals. */
export const FROM_MANUALS = ['alignment-i386', 'watch'];
export const PROGRAMS = [...RECORDED, ...FROM_MANUALS];
/** The guest's first process, which runs them. */
export const START = 'start';

const HEADERS = ['program.h', 'straddle.h'];

/** SHA-256 of all that a program is made from. */
export function sourceHash(program: string): string {
  const hash = createHash('sha256');
  for (const name of [`${program}.c`, ...HEADERS]) hash.update(readFileSync(path(name)));
  return hash.digest('hex');
}
