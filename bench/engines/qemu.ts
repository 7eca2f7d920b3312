// QEMU's own translator, TCG, as Debian packages it (qemu-system-x86).
import { spawnSync } from 'node:child_process';
import type { Engine } from './engine.ts';
import { machineArguments } from './machine-arguments.ts';
import { startProgram } from './process-guest.ts';

const PROGRAM = 'qemu-system-i386';
const CTRL_A = '\x01';

export const qemu: Engine = {
  name: 'qemu',
  missing: () =>
    spawnSync(PROGRAM, ['--version']).status === 0
      ? undefined
      : `${PROGRAM} is not here (apt-get install qemu-system-x86)`,
  drives: ['floppy', 'ide-hd', 'virtio-blk'],
  start: async (image) =>
    startProgram({
      command: PROGRAM,
      // A screen that nobody looks at; with -nographic SeaBIOS would print on the serial port too.
      args: ['-accel', 'tcg', '-vga', 'std', '-display', 'none', '-serial', 'mon:stdio', ...machineArguments(image)],
      quit: `${CTRL_A}x`,
    }),
};
