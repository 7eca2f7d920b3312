// npx tsx guests/linux/build-transact.ts: makes the binary `transact` from transact.c. It is committed, so that guest images
// need no compiler and come out the same everywhere; it carries the SHA-256 of its source, which a test compares.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const source = path('transact.c');

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
    ...['-o', path('transact'), source],
  ],
  { stdio: 'inherit' },
);
