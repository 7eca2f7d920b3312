import { deviceModel } from '../../bus/device-model.ts';
import { Pit } from './pit.ts';

const IRQ = 0;

export const pitModel = deviceModel({
  name: 'pit',
  role: 'board',
  help: 'interval timer',
  builtIn: [{}],
  properties: {},
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
