// npx tsx conformance/record.ts: runs kernel.elf under QEMU (Debian's qemu-system-x86) and writes qemu.txt. The cases in
// qemu-left-out.txt are those that QEMU does not come back from: it runs into memory without code, or loops.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { path } from './files.ts';

const TIMEOUT_MS = 60_000;
/** (0 << 1) | 1: the kernel's last word to isa-debug-exit is 0. */
const DONE = 1;

const leftOut = readFileSync(path('qemu-left-out.txt'), 'utf8').split('\n').filter(Boolean);
const machine = [
  '-M',
  'pc',
  '-cpu',
  'max',
  '-accel',
  'tcg',
  '-m',
  '8',
  '-display',
  'none',
  '-nodefaults',
  '-no-reboot',
];
const kernel = ['-kernel', path('kernel.elf'), '-append', leftOut.map((name) => `${name},`).join('')];
const output = ['-debugcon', `file:${path('qemu.txt')}`, '-device', 'isa-debug-exit,iobase=0xf4'];
try {
  execFileSync('qemu-system-i386', [...machine, ...kernel, ...output], { stdio: 'inherit', timeout: TIMEOUT_MS });
} catch (error) {
  if ((error as { status?: number }).status !== DONE) throw error;
}
