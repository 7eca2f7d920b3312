import { MIB } from '../../../base/sizes.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { addOptionRom } from '../pci/option-rom.ts';
import { Vga } from './vga.ts';

const NAME = 'VGA';
/** QEMU's place. */
const SLOT = 2;
const MEMORY_MIB = 16;

export const vgaModel = deviceModel({
  name: NAME,
  role: 'device',
  help: 'a screen: standard VGA with the Bochs VBE interface',
  most: 1,
  isDisplay: true,
  takesRom: true,
  properties: {},
  memoryKiB: () => (MEMORY_MIB * MIB) / 1024,
  create(board) {
    const vga = new Vga(board, board.takeMemory((MEMORY_MIB * MIB) / 1024));
    addOptionRom(board, NAME, vga.pci);
    board.pci.add(SLOT, 0, vga.pci);
    board.connectDisplay(vga);
    return vga;
  },
});
