// Our headless runner (cli/vm.ts) as a child process; guests on a network are in this one.
import { fileURLToPath } from 'node:url';
import type { Engine } from './engine.ts';
import { machineArguments } from './machine-arguments.ts';
import { startProgram } from './process-guest.ts';
import { startInProcess } from './tabvisor-in-process.ts';

const TSX = import.meta.resolve('tsx');
const RUNNER = fileURLToPath(new URL('../../cli/vm.ts', import.meta.url));
const CTRL_A = '\x01';

export const tabvisorNode: Engine = {
  name: 'tabvisor-node',
  missing: () => undefined,
  drives: ['floppy', 'ide-hd', 'virtio-blk'],
  start: async (image) =>
    startProgram({
      command: process.execPath,
      args: ['--import', TSX, RUNNER, '-nographic', '-stats', ...machineArguments(image)],
      quit: `${CTRL_A}x`,
    }),
  network: { hosts: true, start: startInProcess },
};
