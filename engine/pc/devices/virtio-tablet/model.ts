import { deviceModel } from '../../bus/device-model.ts';
import { VIRTIO_PROPERTIES, virtioInterfaces } from '../virtio/interfaces.ts';
import { VirtioTablet } from './virtio-tablet.ts';

/** Behind virtio-serial. */
const SLOT = 20;

export const virtioTabletModel = deviceModel({
  name: 'virtio-tablet',
  role: 'device',
  help: 'a pointing device that takes positions, for guests with a driver of virtio input devices',
  most: 1,
  properties: VIRTIO_PROPERTIES,
  create(board, values) {
    const tablet = new VirtioTablet(board, () => board.inputChanged(), virtioInterfaces(values));
    board.pci.add(SLOT, 0, tablet.pci);
    board.connectAbsolutePointer(tablet);
    return tablet;
  },
});
