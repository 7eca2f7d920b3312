// How a program is made, for the guest or for the processor at hand.
import { execFileSync } from 'node:child_process';
import { sourceHash } from './files.ts';

export const I386 = ['-m32', '-march=i686', '-mpreferred-stack-boundary=2'];
export const X86_64 = ['-m64', '-mno-red-zone'];

/** The first of the sources is the one to be compiled. */
export function compile(sources: readonly string[], output: string, target: readonly string[]): void {
  execFileSync(
    'gcc',
    [
      ...target,
      ...['-Os', '-std=gnu11', '-Wall', '-Wextra', '-Wno-unused-function', '-Werror'],
      ...['-ffreestanding', '-nostdlib', '-static', '-fno-pie', '-no-pie', '-fno-stack-protector'],
      ...['-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns'],
      ...['-Wl,--build-id=none', '-Wl,-z,noexecstack', '-s', `-DSOURCE_SHA256="${sourceHash(sources)}"`],
      ...['-o', output, sources[0]!],
    ],
    { stdio: 'inherit' },
  );
}
