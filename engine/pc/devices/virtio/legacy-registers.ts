// The I/O BAR of a transitional virtio function, for drivers of before version 1.0 (virtio 1.2, §4.1.4.10):
//
//   0 device features u32   4 driver features u32   8 queue address u32 (in pages)   12 queue size u16
//   14 queue select u16     16 queue notify u16     18 status u8   19 interrupt status u8   20 device configuration
import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { BarHandler } from '../pci/bar-window.ts';
import { readDeviceConfig, writeDeviceConfig } from './modern-registers.ts';
import type { VirtioTransport } from './transport.ts';
import type { QueueRegisters } from './virtqueue.ts';

const DEVICE_FEATURES = 0;
const DRIVER_FEATURES = 4;
const QUEUE_ADDRESS = 8;
const QUEUE_SIZE = 12;
const QUEUE_SELECT = 14;
const QUEUE_NOTIFY = 16;
const STATUS = 18;
const INTERRUPT_STATUS = 19;
const DEVICE = 20;

const DESCRIPTOR_SIZE = 16;

const SMALLEST_BAR = 0x40;

/** Bytes, for a device with so many of configuration. */
export function legacyBarSize(deviceConfigSize: number): number {
  let size = SMALLEST_BAR;
  while (size < DEVICE + deviceConfigSize) size *= 2;
  return size;
}

export class LegacyRegisters implements BarHandler {
  readonly #transport: VirtioTransport;

  constructor(transport: VirtioTransport) {
    this.#transport = transport;
  }

  read(register: number, size: number): number {
    const transport = this.#transport;
    switch (register) {
      case DEVICE_FEATURES:
        return transport.device.features.low;
      case DRIVER_FEATURES:
        return transport.selectedDriverFeatures;
      case QUEUE_ADDRESS:
        return Math.floor((transport.selectedQueue?.addresses.descriptors ?? 0) / PAGE_SIZE);
      case QUEUE_SIZE:
        return transport.selectedQueue?.size ?? 0;
      case QUEUE_SELECT:
        return transport.queueSelect;
      case STATUS:
        return transport.status;
      case INTERRUPT_STATUS:
        return transport.takeInterruptStatus();
      default:
        return register >= DEVICE ? readDeviceConfig(transport, register - DEVICE, size) : 0;
    }
  }

  write(register: number, size: number, value: number): void {
    const transport = this.#transport;
    switch (register) {
      case DRIVER_FEATURES:
        transport.acceptLegacyFeatures(value);
        break;
      case QUEUE_ADDRESS:
        if (value === 0) transport.reset();
        else if (transport.selectedQueue) placeQueue(transport.selectedQueue, value * PAGE_SIZE);
        break;
      case QUEUE_SELECT:
        transport.queueSelect = value;
        break;
      case QUEUE_NOTIFY:
        transport.notified(value);
        break;
      case STATUS:
        transport.status = value;
        break;
      default:
        if (register >= DEVICE) writeDeviceConfig(transport, register - DEVICE, size, value);
    }
  }
}

/** One address for all three parts, the used ring on a page of its own (§2.7.2). */
function placeQueue(queue: QueueRegisters, address: number): void {
  const { size, addresses } = queue;
  addresses.descriptors = address;
  addresses.available = address + size * DESCRIPTOR_SIZE;
  addresses.used = Math.ceil((addresses.available + 6 + 2 * size) / PAGE_SIZE) * PAGE_SIZE;
  queue.enabled = true;
}
