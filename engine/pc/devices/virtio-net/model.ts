import { macBytes } from '../../../base/mac-address.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { NIC_PROPERTIES } from '../../bus/nic.ts';
import { VirtioNet } from './virtio-net.ts';

export const virtioNetModel = deviceModel({
  name: 'virtio-net',
  role: 'network',
  help: 'virtio-net',
  properties: NIC_PROPERTIES,
  create: (board, { index, mac }) =>
    board.connectNic(index, (cable) => new VirtioNet(`virtio-net-${index}`, macBytes(mac), cable, board)),
});
