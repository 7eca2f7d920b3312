import { deviceModel } from '../../bus/device-model.ts';
import { Dma } from './dma.ts';

export const dmaModel = deviceModel({
  name: 'dma',
  role: 'board',
  help: 'DMA controllers',
  builtIn: [{}],
  properties: {},
  create(board) {
    const { memory, transfers, hasFirmware } = board;
    const dma = new Dma({ memory, transfers, cascadeSetUp: !hasFirmware });
    dma.attach(board.ports);
    board.connectDma(dma);
    return dma;
  },
});
