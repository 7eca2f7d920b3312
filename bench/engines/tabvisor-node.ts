// Our headless runner (cli/vm.ts) as a child process; guests on a network are in this one.
import { fileURLToPath } from 'node:url';
import type { Engine } from './engine.ts';
import { startProgram } from './process-guest.ts';
import { startInProcess } from './tabvisor-in-process.ts';

const TSX = import.meta.resolve('tsx');
const RUNNER = fileURLToPath(new URL('../../cli/vm.ts', import.meta.url));
const CTRL_A = '\x01';

export const tabvisorNode: Engine = {
  name: 'tabvisor-node',
  missing: () => undefined,
  start: async ({ kernel, initrd, commandLine, memoryMiB }) =>
    startProgram({
      command: process.execPath,
      // biome-ignore format: pairs
      args: [
        '--import', TSX, RUNNER, '-m', String(memoryMiB), '-kernel', kernel.path, '-initrd', initrd.path,
        '-append', commandLine, '-nographic', '-nic', 'none', '-no-reboot', '-stats',
      ],
      quit: `${CTRL_A}x`,
    }),
  network: { hosts: true, start: startInProcess },
};
