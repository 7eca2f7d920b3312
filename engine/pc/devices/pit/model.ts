import { deviceModel } from '../../bus/device-model.ts';
import { Pit } from './pit.ts';

const IRQ = 0;

export const pitModel = deviceModel({
  name: 'pit',
  role: 'board',
  help: 'interval timer',
  builtIn: [{}],
  properties: {},
  acpi: () => [
    { name: 'TMR', hid: 'PNP0100', ports: [[0x40, 4]], irqs: [IRQ] },
    { name: 'SPKR', hid: 'PNP0800', ports: [[0x61, 1]] },
  ],
  create(board) {
    const pit = new Pit({
      clock: board.clock,
      irq: board.interruptLine(IRQ),
      speaker: (change) => board.speakerChanged(change),
    });
    pit.attach(board.ports);
    return pit;
  },
});
