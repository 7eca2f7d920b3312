import { DeviceSpecError, deviceModel } from '../../bus/device-model.ts';
import { VIRTIO_PROPERTIES, virtioInterfaces } from '../virtio/interfaces.ts';
import { LAST_PORT, VirtioSerial } from './virtio-serial.ts';

/** Behind network cards and disks. */
const SLOT = 19;
/** COM1 to COM4 come before them. */
const COM_PORTS = 4;

export const virtioSerialModel = deviceModel({
  name: 'virtio-serial',
  role: 'device',
  help: 'what virtserialport are plugged into',
  most: 1,
  properties: VIRTIO_PROPERTIES,
  create(board, values) {
    const device = new VirtioSerial('virtio-serial', board, virtioInterfaces(values));
    board.pci.add(SLOT, 0, device.pci);
    return device;
  },
});

export const virtioSerialPortModel = deviceModel({
  name: 'virtserialport',
  role: 'device',
  help: 'a named byte stream to the guest; needs a virtio-serial',
  most: LAST_PORT,
  properties: {
    nr: { kind: 'number', least: 1, most: LAST_PORT, unique: true, help: 'which of the ports it is' },
    name: { kind: 'channel', help: 'what the guest finds it by, as org.qemu.guest_agent.0' },
    chardev: { kind: 'channel', help: 'where its output goes' },
  },
  create(board, { nr, name, chardev }) {
    const device = board.deviceOf(VirtioSerial);
    if (!device) throw new DeviceSpecError('virtserialport needs a virtio-serial');
    const port = device.addPort(nr, {
      name,
      output: board.output(chardev),
      opened: (open) => board.channelOpened(chardev, open),
      room: () => board.inputRoom(),
    });
    board.connectSerialPort(virtioSerialInput(nr), port);
    return undefined;
  },
});

/** Where the machine takes input for the port (Machine.serialInput). */
export function virtioSerialInput(nr: number): number {
  return COM_PORTS + nr - 1;
}
