// npx tsx conformance/build.ts: makes kernel.elf from kernel/. It is committed, so that the tests need no compiler; it carries
// the SHA-256 of its sources, which a test compares.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { path, sourceHash } from './files.ts';

const folder = path('kernel');
const sources = readdirSync(folder).filter((name) => /\.[cS]$/.test(name));

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
    ...['-mgeneral-regs-only', '-Wl,--build-id=none', '-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments'],
    ...['-Wl,-T,link.ld', '-s', `-DSOURCE_SHA256="${sourceHash()}"`, '-o', path('kernel.elf'), ...sources],
  ],
  { cwd: folder, stdio: 'inherit' },
);
