// How a program is made, for the guest or for the processor at hand.
import { execFileSync } from 'node:child_process';
import { path, sourceHash } from './files.ts';

export function compile(program: string, output: string, target: readonly string[]): void {
  execFileSync(
    'gcc',
    [
      ...target,
      ...['-Os', '-std=gnu11', '-Wall', '-Wextra', '-Wno-unused-function', '-Werror'],
      ...['-ffreestanding', '-nostdlib', '-static', '-fno-pie', '-no-pie', '-fno-stack-protector'],
      ...['-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns'],
      ...['-Wl,--build-id=none', '-Wl,-z,noexecstack', '-s', `-DSOURCE_SHA256="${sourceHash(program)}"`],
      ...['-o', output, path(`${program}.c`)],
    ],
    { stdio: 'inherit' },
  );
}
