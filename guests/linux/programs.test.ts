import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runsHere } from '../../scripts/i386-program.ts';

test.each(['agent', 'eject', 'transact'])('the binary of %s is made from its present source', (program) => {
  const source = readFileSync(new URL(`${program}.c`, import.meta.url));
  const expected = `source-sha256:${createHash('sha256').update(source).digest('hex')}`;
  expect(readFileSync(new URL(program, import.meta.url)).includes(expected)).toBe(true);
});

const path = (program: string) => fileURLToPath(new URL(program, import.meta.url));
// Asked of another program: without an argument eject would open a drive of this machine.
test.runIf(runsHere(path('agent')))('eject says why it cannot', () => {
  const attempt =
    (...args: string[]) =>
    () =>
      execFileSync(path('eject'), args, { stdio: 'pipe' });
  expect(attempt('/nowhere/sr0')).toThrow('eject: /nowhere/sr0: there is no such drive');
  expect(attempt('/dev/null')).toThrow('eject: /dev/null: the disc cannot be ejected');
  expect(attempt('one', 'two')).toThrow('usage: eject [DEVICE]');
});
