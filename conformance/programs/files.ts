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

/** What every program without a C library includes. */
export const LINUX = path('linux.h');

const HEADERS = [LINUX, path('program.h'), path('straddle.h')];

/** All that a program is made from, the file to be compiled first. */
export const sources = (program: string): string[] => [path(`${program}.c`), ...HEADERS];

export function sourceHash(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}
