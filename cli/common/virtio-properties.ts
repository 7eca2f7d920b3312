// The properties that every virtio device has, on the command line.

import type { PropertyValue, PropertyValues } from '../../engine/pc/bus/device-model.ts';
import { VIRTIO_PROPERTIES } from '../../engine/pc/devices/virtio/interfaces.ts';
import { propertyValue } from './properties.ts';

/** Those of `given`, checked, and what is left. Throws UsageError; `option` is its beginning. */
export function virtioProperties(
  option: string,
  given: Readonly<Record<string, string>>,
): { virtio?: PropertyValues; rest: Record<string, string> } {
  const virtio: Record<string, PropertyValue> = {};
  const rest = { ...given };
  for (const [name, property] of Object.entries(VIRTIO_PROPERTIES)) {
    if (!Object.hasOwn(rest, name)) continue;
    virtio[name] = propertyValue(`${option}: ${name}`, property, rest[name]);
    delete rest[name];
  }
  return { rest, ...(Object.keys(virtio).length > 0 && { virtio }) };
}
