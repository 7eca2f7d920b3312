import { byteOutput } from '../../bus/board.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { ParallelPort } from './parallel.ts';

export const parallelModel = deviceModel({
  name: 'isa-parallel',
  role: 'device',
  help: 'a printer port',
  most: 3,
  properties: {
    iobase: { kind: 'port', default: 0x378, unique: true, help: 'its first port' },
    chardev: { kind: 'channel', help: 'where its output goes' },
  },
  create(board, { iobase, chardev }, ordinal) {
    const parallel = new ParallelPort(byteOutput(board, chardev), `parallel-${ordinal}`);
    parallel.attach(board.ports, iobase);
    return parallel;
  },
});
