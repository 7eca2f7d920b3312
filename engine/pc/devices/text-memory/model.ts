import { deviceModel } from '../../bus/device-model.ts';
import { TextMemory } from './text-memory.ts';

export const textMemoryModel = deviceModel({
  name: 'text-memory',
  role: 'device',
  help: 'memory at B8000h, for programs that print to a screen',
  most: 1,
  properties: {},
  create({ mmio }) {
    const memory = new TextMemory();
    memory.attach(mmio);
    return memory;
  },
});
