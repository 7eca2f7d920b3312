// QEMU's own translator, TCG, as Debian packages it (qemu-system-x86).
import { spawnSync } from 'node:child_process';
import type { Engine } from './engine.ts';
import { startProgram } from './process-guest.ts';

const PROGRAM = 'qemu-system-i386';
const CTRL_A = '\x01';

export const qemu: Engine = {
  name: 'qemu',
  missing: () =>
    spawnSync(PROGRAM, ['--version']).status === 0
      ? undefined
      : `${PROGRAM} is not here (apt-get install qemu-system-x86)`,
  start: async ({ kernel, initrd, commandLine, memoryMiB }) =>
    startProgram({
      command: PROGRAM,
      // biome-ignore format: pairs
      args: [
        '-accel', 'tcg', '-m', String(memoryMiB), '-kernel', kernel.path, '-initrd', initrd.path,
        '-append', commandLine, '-nographic', '-nic', 'none', '-no-reboot',
      ],
      quit: `${CTRL_A}x`,
    }),
};
