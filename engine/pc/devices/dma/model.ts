import { deviceModel } from '../../bus/device-model.ts';
import { Dma } from './dma.ts';

export const dmaModel = deviceModel({
  name: 'dma',
  role: 'board',
  help: 'DMA controllers',
  builtIn: [{}],
  properties: {},
  create({ ports, memory, transfers, hasFirmware }) {
    const dma = new Dma({ memory, transfers, cascadeSetUp: !hasFirmware });
    dma.attach(ports);
    return dma;
  },
});
