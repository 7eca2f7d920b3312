import { byteOutput } from '../../bus/board.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { Debugcon } from './debugcon.ts';

export const debugconModel = deviceModel({
  name: 'isa-debugcon',
  role: 'device',
  help: 'a port that prints what is written to it',
  properties: {
    iobase: { kind: 'port', default: 0xe9, help: 'its port' },
    readback: { kind: 'number', least: 0, most: 0xff, default: 0xe9, help: 'what reading it gives' },
    chardev: { kind: 'channel', help: 'where its output goes' },
  },
  create(board, { iobase, readback, chardev }) {
    new Debugcon(byteOutput(board, chardev), readback).attach(board.ports, iobase);
    return undefined;
  },
});
