import { deviceModel } from '../../bus/device-model.ts';
import { addOptionRom } from '../pci/option-rom.ts';
import { PciTestdev } from './pci-testdev.ts';

/** QEMU's place for the only card of a machine without a display. */
const SLOT = 2;
/** Where it is in one with a display: behind all other cards. */
const LAST_SLOT = 31;

export const pciTestdevModel = deviceModel({
  name: 'pci-testdev',
  role: 'device',
  help: 'a card with a BAR in memory and one in ports that counts what is written to it',
  most: 1,
  takesRom: true,
  properties: {},
  create(board) {
    const { ports, mmio, pci, hasFirmware, hasDisplay } = board;
    const testdev = new PciTestdev(ports, mmio, !hasFirmware);
    addOptionRom(board, testdev.name, testdev.pci);
    pci.add(hasDisplay ? LAST_SLOT : SLOT, 0, testdev.pci);
    return testdev;
  },
});
