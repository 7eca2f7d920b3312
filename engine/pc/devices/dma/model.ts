import { deviceModel } from '../../bus/device-model.ts';
import { Dma } from './dma.ts';

export const dmaModel = deviceModel({
  name: 'dma',
  role: 'board',
  help: 'DMA controllers',
  builtIn: [{}],
  properties: {},
  create({ ports }) {
    const dma = new Dma();
    dma.attach(ports);
    return dma;
  },
});
