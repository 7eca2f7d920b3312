import { deviceModel } from '../../bus/device-model.ts';
import { DebugExit } from './debug-exit.ts';

export const debugExitModel = deviceModel({
  name: 'isa-debug-exit',
  role: 'device',
  help: 'a write to its ports ends the machine with a value',
  properties: {
    iobase: { kind: 'port', default: 0x501, help: 'its first port' },
    iosize: { kind: 'number', least: 1, most: 256, default: 2, help: 'how many ports it has' },
  },
  create(board, { iobase, iosize }) {
    new DebugExit((value) => board.exit(value)).attach(board.ports, iobase, iosize);
    return undefined;
  },
});
