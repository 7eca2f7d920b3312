import { deviceModel } from '../../bus/device-model.ts';
import { PcTestdev } from './pc-testdev.ts';

export const pcTestdevModel = deviceModel({
  name: 'pc-testdev',
  role: 'device',
  help: 'the ports, interrupt lines and memory that kernel unit tests look for',
  most: 1,
  properties: {},
  create(board) {
    const testdev = new PcTestdev((irq) => board.interruptLine(irq));
    testdev.attach(board.ports, board.mmio);
    return testdev;
  },
});
