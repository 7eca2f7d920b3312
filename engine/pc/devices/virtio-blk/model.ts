import { DRIVE_PROPERTIES } from '../../bus/block.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { VIRTIO_PROPERTIES, virtioInterfaces } from '../virtio/interfaces.ts';
import { VirtioBlk } from './virtio-blk.ts';

/** Behind the slots of network cards. */
const FIRST_SLOT = 11;

export const virtioBlkModel = deviceModel({
  name: 'virtio-blk',
  role: 'drive',
  help: 'virtio disk',
  most: 8,
  properties: { ...DRIVE_PROPERTIES, ...VIRTIO_PROPERTIES },
  create(board, { index, ...values }, ordinal) {
    const disk = new VirtioBlk(
      `virtio-blk-${index}`,
      `tabvisor-${index}`,
      (drive) => board.connectDrive(index, drive),
      board,
      virtioInterfaces(values),
    );
    const slot = FIRST_SLOT + ordinal;
    board.pci.add(slot, 0, disk.pci);
    board.addBootPath('disk', `/pci@i0cf8/scsi@${slot.toString(16)}/disk@0,0`);
    return disk;
  },
});
