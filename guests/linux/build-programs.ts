// npx tsx guests/linux/build-programs.ts: makes the guest's programs that are written in C. The binaries are committed, so that guest
// images need no compiler and come out the same everywhere; each carries the SHA-256 of its source, which a test compares.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

for (const program of ['transact', 'agent', 'eject']) build(program, path(`${program}.c`));

function build(program: string, source: string): void {
  execFileSync(
    'gcc',
    [
      ...['-m32', '-march=i686', '-Os', '-std=gnu11', '-Wall', '-Wextra', '-Werror'],
      ...[
        '-ffreestanding',
        '-nostdlib',
        '-static',
        '-fno-pie',
        '-no-pie',
        '-fno-stack-protector',
        '-fcf-protection=none',
      ],
      ...['-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns', '-mpreferred-stack-boundary=2'],
      ...['-Wl,--build-id=none', '-Wl,-z,noexecstack', '-s'],
      `-DSOURCE_SHA256="${createHash('sha256').update(readFileSync(source)).digest('hex')}"`,
      ...['-o', path(program), source],
    ],
    { stdio: 'inherit' },
  );
}
