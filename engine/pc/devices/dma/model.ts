import { deviceModel } from '../../bus/device-model.ts';
import { Dma } from './dma.ts';

export const dmaModel = deviceModel({
  name: 'dma',
  role: 'board',
  help: 'DMA controllers',
  builtIn: [{}],
  properties: {},
  acpi: () => [
    {
      ...{ name: 'DMA', hid: 'PNP0200', dmaChannels: [4] },
      ports: [
        [0x00, 16],
        [0x81, 15],
        [0xc0, 32],
      ],
    },
  ],
  create(board) {
    const { memory, transfers, hasFirmware } = board;
    const dma = new Dma({ memory, transfers, cascadeSetUp: !hasFirmware });
    dma.attach(board.ports);
    board.connectDma(dma);
    return dma;
  },
});
