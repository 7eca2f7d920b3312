import { macBytes } from '../../../base/mac-address.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { NIC_PROPERTIES } from '../../bus/nic.ts';
import { Ne2k } from './ne2k.ts';

export const ne2kModel = deviceModel({
  name: 'ne2k-pci',
  role: 'network',
  help: 'NE2000 (ne2k-pci)',
  properties: NIC_PROPERTIES,
  create: (board, { index, mac }) =>
    board.connectNic(index, (cable) => new Ne2k(`ne2k-pci-${index}`, macBytes(mac), cable, board.ports)),
});
