// What a specification says of the machine itself, with defaults filled in: all that the vCPU's worker and the reckoning of
// memory need, without names and images.

import type { BootOptions } from '../../pc/bus/boot.ts';
import type { DeviceSpec } from '../../pc/bus/device-model.ts';
import { virtioSerialInput } from '../../pc/devices/virtio-serial/model.ts';
import type { Identity } from '../../pc/firmware/smbios.ts';
import { deviceMemoryKiB, FW_CFG, IO_APIC, LOCAL_APIC } from '../../pc/machine/device-models.ts';
import type { OptionRomConfig } from '../../pc/machine/machine-config.ts';
import { DEFAULT_CPU } from './cpu-models.ts';
import type { CpuSpec, VmOutline } from './spec.ts';
import { vmUuid } from './vm-uuid.ts';

/** What the guest's agent says comes from here (docs/guest-agent.md). */
export const AGENT_CHANNEL = 'agent';
/** By which the agent's programs find their port: QEMU's name. */
const AGENT_PORT = { nr: 1, name: 'org.qemu.guest_agent.0', chardev: AGENT_CHANNEL };
/** Of specifications that were made before VMs had virtio-serial: what the guest sends there is not read. */
const DEFAULT_DEVICES: readonly DeviceSpec[] = [
  { model: 'isa-serial', properties: { index: 1, chardev: AGENT_CHANNEL } },
];

/** What a new VM has: a way to its guest's agent. */
export const STANDARD_DEVICES: readonly DeviceSpec[] = [
  { model: 'virtio-serial' },
  { model: 'virtserialport', properties: AGENT_PORT },
];

/**
 * What systems that firmware starts, and bare kernels, expect of a PC beside its two 8259A: both or none. Linux with a local APIC alone gets
 * no interrupts of the ISA bus.
 */
export const APIC_DEVICES: readonly DeviceSpec[] = [{ model: LOCAL_APIC }, { model: IO_APIC }];

/** Firmware asks it what the machine has. */
const FIRMWARE_DEVICES: readonly DeviceSpec[] = [{ model: FW_CFG }];

/** A VM's memory, in the order of its pages. */
export interface GuestPages {
  memoryMiB: number;
  /** Of the machine and of its cards. */
  romKiB: number;
  /** Of its devices, of their own. */
  deviceKiB: number;
}

/** Structured-cloneable. */
export interface MachineSpec {
  memoryMiB: number;
  /** 0: it has no ROM. */
  romKiB: number;
  optionRoms: readonly OptionRomConfig[];
  identity: Identity;
  boot: BootOptions;
  cpu: CpuSpec;
  /** Beside those of every machine, network cards and drives included. */
  devices: readonly DeviceSpec[];
}

type Fields = Pick<VmOutline, 'memoryMiB' | 'firmware' | 'cpu' | 'nics' | 'drives' | 'devices' | 'boot'> &
  Partial<Pick<VmOutline, 'id' | 'name'>>;

export function machineSpec(spec: Fields): MachineSpec {
  const { memoryMiB, firmware, cpu, nics, drives, boot = {}, id = '', name = '' } = spec;
  const cards = (nics ?? []).map(({ model, mac, properties }, index) => ({
    model,
    properties: { ...properties, index, mac },
  }));
  const disks = (drives ?? []).map(({ model, properties }, index) => ({ model, properties: { ...properties, index } }));
  return {
    memoryMiB,
    romKiB: firmware?.sizeKiB ?? 0,
    optionRoms: (firmware?.roms ?? []).map(({ model, sizeKiB }) => ({ model, sizeKiB })),
    identity: { name, uuid: vmUuid(id) },
    boot,
    cpu: cpu ?? DEFAULT_CPU,
    devices: [...cards, ...disks, ...devicesOf(spec)],
  };
}

function devicesOf({ firmware, devices }: Fields): readonly DeviceSpec[] {
  if (!firmware) return devices ?? DEFAULT_DEVICES;
  const chosen = devices ?? DEFAULT_DEVICES;
  return [...chosen, ...FIRMWARE_DEVICES.filter(({ model }) => !chosen.some((device) => device.model === model))];
}

/** What its memory consists of, for the reckoning of what a host must have. Throws DeviceSpecError. */
export function memoryNeeds({ memoryMiB, romKiB, optionRoms, devices }: MachineSpec): GuestPages {
  const ofCards = optionRoms.reduce((sum, { sizeKiB }) => sum + sizeKiB, 0);
  return { memoryMiB, romKiB: romKiB + ofCards, deviceKiB: deviceMemoryKiB(devices) };
}

export function hasLocalApic({ devices }: MachineSpec): boolean {
  return devices.some(({ model }) => model === LOCAL_APIC);
}

/** The channels of devices that print, besides COM1's; what is sent to the agent's is not kept. */
export function outputChannels({ devices }: MachineSpec): string[] {
  const channels = devices.map(({ properties }) => properties?.chardev);
  return [...new Set(channels)].filter((name): name is string => typeof name === 'string' && name !== AGENT_CHANNEL);
}

/** The serial port on which the guest's agent listens, 0 being COM1; undefined if there is none. */
export function agentPort({ devices }: MachineSpec): number | undefined {
  const port = devices.find(
    ({ model, properties }) => model === 'virtserialport' && properties?.chardev === AGENT_CHANNEL,
  );
  return port && virtioSerialInput(Number(port.properties?.nr));
}
