import { deviceModel } from '../../bus/device-model.ts';
import { FwCfg } from './fw-cfg.ts';

export const fwCfgModel = deviceModel({
  name: 'fw-cfg',
  role: 'device',
  help: 'the ports by which firmware and bare kernels learn what the machine has',
  most: 1,
  properties: {},
  create(board) {
    const { memoryMiB, memory, transfers, ports } = board;
    const fwCfg = new FwCfg({ memoryMiB, memory, transfers, configuration: () => board.firmwareConfiguration() });
    fwCfg.attach(ports);
    return fwCfg;
  },
});
