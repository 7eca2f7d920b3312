// v86 in Node, as a child process.
import { fileURLToPath } from 'node:url';
import { biosFiles, missingBios } from '../../guests/packages/seabios.ts';
import type { Engine } from './engine.ts';
import { startProgram } from './process-guest.ts';

const TSX = import.meta.resolve('tsx');
const PROGRAM = fileURLToPath(new URL('./v86-program.ts', import.meta.url));

export const v86Node: Engine = {
  name: 'v86-node',
  missing: missingBios,
  drives: ['floppy', 'ide-hd'],
  start: async (image) => {
    const { bios, vgaBios } = biosFiles();
    return startProgram({
      command: process.execPath,
      args: ['--import', TSX, PROGRAM, bios, vgaBios, JSON.stringify(image)],
    });
  },
};
