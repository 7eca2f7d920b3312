import { byteOutput } from '../../bus/board.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { ParallelPort } from './parallel.ts';

/** LPT1 to LPT3; at other ports it is found by none. */
const PORTS = [0x378, 0x278, 0x3bc];

export const parallelModel = deviceModel({
  name: 'isa-parallel',
  role: 'device',
  help: 'a printer port',
  most: 3,
  // Without its interrupt, which the device has not got either.
  acpi: ({ iobase }) => {
    const n = PORTS.indexOf(iobase) + 1;
    return n > 0 ? [{ name: `LPT${n}`, hid: 'PNP0400', uid: n, ports: [[iobase, 8]] }] : [];
  },
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
