import { MIB } from '../../../base/sizes.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { Vga } from './vga.ts';

/** QEMU's place. */
const SLOT = 2;
const MEMORY_MIB = 16;

export const vgaModel = deviceModel({
  name: 'VGA',
  role: 'device',
  help: 'a screen: standard VGA with the Bochs VBE interface',
  most: 1,
  properties: {},
  memoryKiB: () => (MEMORY_MIB * MIB) / 1024,
  create(board) {
    const vga = new Vga(board, board.takeMemory((MEMORY_MIB * MIB) / 1024));
    board.pci.add(SLOT, 0, vga.pci);
    board.connectDisplay(vga);
    return vga;
  },
});
