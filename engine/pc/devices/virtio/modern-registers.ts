// The memory BAR of a virtio function (virtio 1.2, §4.1.4): four structures, each on a page of its own. capabilities.ts shows
// the driver where they are.
//
//   0000h common configuration   1000h interrupt status   2000h device configuration   3000h notification
import type { BarHandler } from '../pci/bar-window.ts';
import type { VirtioTransport } from './transport.ts';
import type { QueueRegisters } from './virtqueue.ts';

export const COMMON = 0x0000;
export const COMMON_SIZE = 0x38;
export const INTERRUPT_STATUS = 0x1000;
export const DEVICE = 0x2000;
export const NOTIFY = 0x3000;
/** Bytes from one queue's notification register to the next one's. */
export const NOTIFY_MULTIPLIER = 4;
export const MODERN_BAR_SIZE = 0x4000;
const STRUCTURE_SIZE = 0x1000;

const NO_VECTOR = 0xffff; // there is no MSI-X

interface Field {
  size: number;
  read(transport: VirtioTransport): number;
  write?(transport: VirtioTransport, value: number): void;
}

const queueField = (
  size: number,
  read: (queue: QueueRegisters) => number,
  write?: (queue: QueueRegisters, value: number) => void,
): Field => ({
  size,
  read: ({ selectedQueue }) => (selectedQueue ? read(selectedQueue) : 0),
  write: write && (({ selectedQueue }, value) => selectedQueue && write(selectedQueue, value)),
});

/** Half of a 64-bit address. */
const addressField = (part: keyof QueueRegisters['addresses'], half: 'low' | 'high'): Field =>
  queueField(
    4,
    ({ addresses }) => (half === 'low' ? addresses[part] % 2 ** 32 : Math.floor(addresses[part] / 2 ** 32)),
    ({ addresses }, value) => {
      const low = half === 'low' ? value : addresses[part] % 2 ** 32;
      const high = half === 'high' ? value : Math.floor(addresses[part] / 2 ** 32);
      addresses[part] = high * 2 ** 32 + low;
    },
  );

/** struct virtio_pci_common_cfg by offset. Drivers access each field in one piece, 64-bit ones in two (§4.1.3.1). */
const COMMON_FIELDS: Readonly<Record<number, Field>> = {
  0: {
    size: 4,
    read: (transport) => transport.deviceFeatureSelect,
    write: (transport, value) => {
      transport.deviceFeatureSelect = value;
    },
  },
  4: { size: 4, read: (transport) => transport.selectedDeviceFeatures },
  8: {
    size: 4,
    read: (transport) => transport.driverFeatureSelect,
    write: (transport, value) => {
      transport.driverFeatureSelect = value;
    },
  },
  12: {
    size: 4,
    read: (transport) => transport.selectedDriverFeatures,
    write: (transport, value) => {
      transport.selectedDriverFeatures = value;
    },
  },
  16: { size: 2, read: () => NO_VECTOR },
  18: { size: 2, read: (transport) => transport.queueCount },
  20: {
    size: 1,
    read: (transport) => transport.status,
    write: (transport, value) => {
      transport.status = value;
    },
  },
  21: { size: 1, read: () => 0 }, // configuration generation: the configuration does not change
  22: {
    size: 2,
    read: (transport) => transport.queueSelect,
    write: (transport, value) => {
      transport.queueSelect = value;
    },
  },
  24: queueField(
    2,
    (queue) => queue.size,
    (queue, value) => {
      queue.size = value;
    },
  ),
  26: { size: 2, read: () => NO_VECTOR },
  28: queueField(
    2,
    (queue) => Number(queue.enabled),
    (queue, value) => {
      // A driver cannot disable a queue (§4.1.4.3.2).
      if (value === 1) queue.enabled = true;
    },
  ),
  30: { size: 2, read: (transport) => transport.queueSelect },
  32: addressField('descriptors', 'low'),
  36: addressField('descriptors', 'high'),
  40: addressField('available', 'low'),
  44: addressField('available', 'high'),
  48: addressField('used', 'low'),
  52: addressField('used', 'high'),
};

export class ModernRegisters implements BarHandler {
  readonly #transport: VirtioTransport;

  constructor(transport: VirtioTransport) {
    this.#transport = transport;
  }

  read(offset: number, size: number): number {
    switch (offset - (offset % STRUCTURE_SIZE)) {
      case COMMON: {
        const field = COMMON_FIELDS[offset - COMMON];
        return field?.size === size ? field.read(this.#transport) : 0;
      }
      case INTERRUPT_STATUS:
        return offset === INTERRUPT_STATUS ? this.#transport.takeInterruptStatus() : 0;
      case DEVICE:
        return readDeviceConfig(this.#transport, offset - DEVICE, size);
      default:
        return 0;
    }
  }

  write(offset: number, size: number, value: number): void {
    switch (offset - (offset % STRUCTURE_SIZE)) {
      case COMMON: {
        const field = COMMON_FIELDS[offset - COMMON];
        if (field?.size === size) field.write?.(this.#transport, value);
        break;
      }
      case DEVICE:
        writeDeviceConfig(this.#transport, offset - DEVICE, size, value);
        break;
      case NOTIFY:
        this.#transport.notified((offset - NOTIFY) / NOTIFY_MULTIPLIER);
        break;
    }
  }
}

export function readDeviceConfig({ device }: VirtioTransport, offset: number, size: number): number {
  return offset + size <= device.configSize ? device.readConfig(offset, size) : 0;
}

export function writeDeviceConfig({ device }: VirtioTransport, offset: number, size: number, value: number): void {
  if (offset + size <= device.configSize) device.writeConfig(offset, size, value);
}
