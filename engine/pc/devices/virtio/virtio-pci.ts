// A virtio function on the PCI bus (virtio 1.2, §4.1): the memory BAR for drivers of version 1.0 and later, the I/O BAR for those
// before, both in a transitional device; one interrupt pin.
import type { DmaMemory } from '../../bus/device.ts';
import { DeviceSpecError } from '../../bus/device-model.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import type { IoPortBus } from '../../bus/port-bus.ts';
import type { TransferRequests } from '../../bus/transfers.ts';
import { memoryWindow, portWindow } from '../pci/bar-window.ts';
import { COMMAND_BUS_MASTER } from '../pci/config-space.ts';
import { PciDevice } from '../pci/pci-device.ts';
import { defineCapabilities, type Window, windowTarget } from './capabilities.ts';
import { TRANSITIONAL, type VirtioInterfaces } from './interfaces.ts';
import { LegacyRegisters, legacyBarSize } from './legacy-registers.ts';
import { MODERN_BAR_SIZE, ModernRegisters } from './modern-registers.ts';
import { type VirtioDevice, VirtioTransport } from './transport.ts';

const RED_HAT = 0x1af4;
/** Transitional device IDs (§4.1.2.1) by device type. */
const TRANSITIONAL_IDS: Readonly<Record<number, number>> = { 1: 0x1000, 2: 0x1001, 3: 0x1003 };
const MODERN_IDS = 0x1040;
/** Above those of transitional devices. */
const MODERN_SUBSYSTEMS = 0x1100;
const LEGACY_BAR = 0;
const MODERN_BAR = 4;

export interface Buses {
  ports: IoPortBus;
  mmio: MmioBus;
  memory: DmaMemory;
  transfers: TransferRequests;
}

export class VirtioPci extends PciDevice {
  readonly transport: VirtioTransport;
  readonly #modern: ModernRegisters;
  /** Undefined: it has no interface of version 1.0. */
  readonly #window: Window | undefined;

  /**
   * `classCode` as PciIdentity has it. Devices that came with version 1.0 have no legacy interface in any case (§4.1.2.1). Throws
   * DeviceSpecError if they are to have that alone.
   */
  constructor(
    device: VirtioDevice,
    classCode: number,
    { ports, mmio, memory, transfers }: Buses,
    { legacy, modern }: VirtioInterfaces = TRANSITIONAL,
  ) {
    const hasLegacy = legacy && device.type in TRANSITIONAL_IDS;
    if (!hasLegacy && !modern)
      throw new DeviceSpecError('a device that came with virtio 1.0 has no drivers of before it (disable-modern)');
    super({
      vendorId: RED_HAT,
      ...(hasLegacy
        ? { deviceId: TRANSITIONAL_IDS[device.type], revision: 0, subsystemId: device.type }
        : { deviceId: MODERN_IDS + device.type, revision: 1, subsystemId: MODERN_SUBSYSTEMS + device.type }),
      classCode,
      subsystemVendorId: RED_HAT,
      interruptPin: 1,
    });
    this.transport = new VirtioTransport(device, {
      memory,
      transfers,
      interrupt: (asserted) => this.setInterrupt(asserted),
      busMaster: () => this.#busMaster,
    });
    this.#modern = new ModernRegisters(this.transport);
    if (hasLegacy) {
      const size = legacyBarSize(device.configSize);
      this.defineBar(LEGACY_BAR, 'io', size, portWindow(ports, size, new LegacyRegisters(this.transport)));
    }
    if (!modern) return;
    this.defineBar(MODERN_BAR, 'memory', MODERN_BAR_SIZE, memoryWindow(mmio, MODERN_BAR_SIZE, this.#modern));
    this.#window = defineCapabilities(this.config, MODERN_BAR, device.queueSizes.length, device.configSize);
  }

  override readConfig(offset: number, size: number): number {
    const target = this.#windowed(offset, size);
    return target === undefined ? super.readConfig(offset, size) : this.#modern.read(target, size);
  }

  override writeConfig(offset: number, size: number, value: number): void {
    const target = this.#windowed(offset, size);
    if (target !== undefined) {
      this.#modern.write(target, size, value);
      return;
    }
    const before = this.#busMaster;
    super.writeConfig(offset, size, value);
    if (this.#busMaster && !before) this.transport.lookAtQueues();
  }

  get #busMaster(): boolean {
    return (this.config.command & COMMAND_BUS_MASTER) !== 0;
  }

  #windowed(offset: number, size: number): number | undefined {
    const window = this.#window;
    return window && offset === window.data ? windowTarget(this.config, window, MODERN_BAR, size) : undefined;
  }
}
