// By which interfaces drivers reach a virtio function: that of version 1.0 and later, that of before, or both (a transitional device;
// virtio 1.2, §1.3.1 and §4.1.2.1). Named and meant as QEMU's properties are.
import { DeviceSpecError } from '../../bus/device-model.ts';

export interface VirtioInterfaces {
  legacy: boolean;
  modern: boolean;
}

export const TRANSITIONAL: VirtioInterfaces = { legacy: true, modern: true };

export const VIRTIO_PROPERTIES = {
  'disable-legacy': {
    kind: 'choice',
    choices: ['on', 'off', 'auto'],
    default: 'auto',
    help: 'on: only for drivers of virtio 1.0 and later; off, auto: also for earlier ones where the device has any',
  },
  'disable-modern': {
    kind: 'choice',
    choices: ['on', 'off'],
    default: 'off',
    help: 'on: only for drivers of before virtio 1.0',
  },
} as const;

/** Throws DeviceSpecError if it has no interface left. */
export function virtioInterfaces(values: Readonly<Record<keyof typeof VIRTIO_PROPERTIES, string>>): VirtioInterfaces {
  const interfaces = { legacy: values['disable-legacy'] !== 'on', modern: values['disable-modern'] !== 'on' };
  if (!interfaces.legacy && !interfaces.modern)
    throw new DeviceSpecError('a virtio device has either disable-legacy or disable-modern, or no driver reaches it');
  return interfaces;
}
