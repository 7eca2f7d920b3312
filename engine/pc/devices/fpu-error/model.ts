import { deviceModel } from '../../bus/device-model.ts';
import { FpuError } from './fpu-error.ts';

const IRQ = 13;

export const fpuErrorModel = deviceModel({
  name: 'fpu-error',
  role: 'board',
  help: 'x87 errors as interrupt 13',
  builtIn: [{}],
  properties: {},
  create(board) {
    const device = new FpuError(board.x87, board.interruptLine(IRQ));
    device.attach(board.ports);
    board.connectX87Error(() => device.asserted());
    return device;
  },
});
