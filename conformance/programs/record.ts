// npx tsx conformance/programs/record.ts: what this machine's processor does, into expected/. The programs are compiled for 64-bit code,
// so that it works where the kernel runs no 32-bit programs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, X86_64 } from './compile.ts';
import { path, RECORDED, sources } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'programs-'));
for (const program of RECORDED) {
  const binary = join(folder, program);
  compile(sources(program), binary, X86_64);
  writeFileSync(path(`expected/${program}.txt`), execFileSync(binary));
}
rmSync(folder, { recursive: true });
