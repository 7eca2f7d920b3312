import { macBytes } from '../../../base/mac-address.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { NIC_PROPERTIES } from '../../bus/nic.ts';
import { VIRTIO_PROPERTIES, virtioInterfaces } from '../virtio/interfaces.ts';
import { VirtioNet } from './virtio-net.ts';

export const virtioNetModel = deviceModel({
  name: 'virtio-net',
  role: 'network',
  help: 'virtio-net',
  properties: { ...NIC_PROPERTIES, ...VIRTIO_PROPERTIES },
  create(board, { index, mac, ...values }) {
    const interfaces = virtioInterfaces(values);
    const name = `virtio-net-${index}`;
    return board.connectNic(index, (cable) => new VirtioNet(name, macBytes(mac), cable, board, interfaces));
  },
});
