import { deviceModel } from '../../bus/device-model.ts';
import { KeyboardController } from './i8042.ts';

const IRQ = 1;
const AUX_IRQ = 12;

export const i8042Model = deviceModel({
  name: 'i8042',
  role: 'board',
  help: 'keyboard controller',
  builtIn: [{}],
  properties: {},
  acpi: () => [
    {
      ...{ name: 'KBD', hid: 'PNP0303', irqs: [IRQ] },
      ports: [
        [0x60, 1],
        [0x64, 1],
      ],
    },
    { name: 'MOU', hid: 'PNP0F13', irqs: [AUX_IRQ] },
  ],
  create(board) {
    const controller = new KeyboardController({
      irq: board.interruptLine(IRQ),
      auxIrq: board.interruptLine(AUX_IRQ),
      a20: board.a20,
      reset: () => board.requestReset(),
    });
    controller.attach(board.ports);
    return controller;
  },
});
