import { deviceModel } from '../../bus/device-model.ts';
import { VirtioTablet } from './virtio-tablet.ts';

/** Behind virtio-serial. */
const SLOT = 20;

export const virtioTabletModel = deviceModel({
  name: 'virtio-tablet',
  role: 'device',
  help: 'a pointing device that takes positions, for guests with a driver of virtio input devices',
  most: 1,
  properties: {},
  create(board) {
    const tablet = new VirtioTablet(board, () => board.inputChanged());
    board.pci.add(SLOT, 0, tablet.pci);
    board.connectAbsolutePointer(tablet);
    return tablet;
  },
});
