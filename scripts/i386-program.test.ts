import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { runsHere } from './i386-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tabvisor-'));
afterEach(() => rmSync(folder, { recursive: true }));

it.runIf(process.platform === 'linux')('does not take the bytes of a foreign program for commands', () => {
  const program = join(folder, 'program');
  const made = join(folder, 'made');
  writeFileSync(program, Buffer.from(`\x7fELF\x01\0\0\0\n>${made}\n`, 'latin1'), { mode: 0o755 });
  expect(runsHere(program)).toBe(false);
  expect(readdirSync(folder)).toEqual(['program']);
  expect(runsHere(process.execPath)).toBe(true);
});
