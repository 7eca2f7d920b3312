import { deviceModel } from '../../bus/device-model.ts';
import { PVPANIC_PORT, Pvpanic } from './pvpanic.ts';

export const pvpanicModel = deviceModel({
  name: 'pvpanic',
  role: 'board',
  help: 'the port by which a kernel reports its panic',
  builtIn: [{}],
  properties: {
    // Guests find it by the DSDT, which is the same in every machine.
    ioport: { kind: 'port', least: PVPANIC_PORT, most: PVPANIC_PORT, default: PVPANIC_PORT, help: 'where it is' },
  },
  // As QEMU reports it to guests (docs/specs/pvpanic.rst).
  acpi: ({ ioport }) => [{ name: 'PEVT', hid: 'QEMU0001', ports: [[ioport, 1]] }],
  create(board) {
    new Pvpanic(() => board.panicked()).attach(board.ports);
    return undefined;
  },
});
