// What a specification says of the machine itself, with defaults filled in: all that the vCPU's worker and the reckoning of
// memory need, without names and images.

import type { DeviceSpec } from '../../pc/bus/device-model.ts';
import { virtioSerialInput } from '../../pc/devices/virtio-serial/model.ts';
import { deviceMemoryKiB, LOCAL_APIC } from '../../pc/machine/device-models.ts';
import { DEFAULT_CPU } from './cpu-models.ts';
import type { CpuSpec, VmOutline } from './spec.ts';

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

/** A VM's memory, in the order of its pages. */
export interface GuestPages {
  memoryMiB: number;
  romKiB: number;
  /** Of its devices, of their own. */
  deviceKiB: number;
}

/** Structured-cloneable. */
export interface MachineSpec {
  memoryMiB: number;
  /** 0: it has no ROM. */
  romKiB: number;
  cpu: CpuSpec;
  /** Beside those of every machine, network cards and drives included. */
  devices: readonly DeviceSpec[];
}

type Fields = Pick<VmOutline, 'memoryMiB' | 'firmware' | 'cpu' | 'nics' | 'drives' | 'devices'>;

export function machineSpec({ memoryMiB, firmware, cpu, nics, drives, devices }: Fields): MachineSpec {
  const cards = (nics ?? []).map(({ model, mac }, index) => ({ model, properties: { index, mac } }));
  const disks = (drives ?? []).map(({ model, properties }, index) => ({ model, properties: { ...properties, index } }));
  return {
    memoryMiB,
    romKiB: firmware?.sizeKiB ?? 0,
    cpu: cpu ?? DEFAULT_CPU,
    devices: [...cards, ...disks, ...(devices ?? DEFAULT_DEVICES)],
  };
}

/** What its memory consists of, for the reckoning of what a host must have. Throws DeviceSpecError. */
export function memoryNeeds({ memoryMiB, romKiB, devices }: MachineSpec): GuestPages {
  return { memoryMiB, romKiB, deviceKiB: deviceMemoryKiB(devices) };
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
