// How drives are named: by kind, and by where they sit as firmware and systems count.

import type { DriveStatus } from '../../engine/host/api.ts';

const CHANNELS = ['primary', 'secondary'];
const UNITS = ['master', 'slave'];

export function driveName(model: string, properties: DriveStatus['properties']): string {
  const { bus, unit } = properties;
  switch (model) {
    case 'floppy':
      return `Floppy drive ${unit === 1 ? 'B' : 'A'}`;
    case 'virtio-blk':
      return 'virtio disk';
    default:
      return `${model === 'ide-cd' ? 'CD drive' : 'IDE disk'}, ${CHANNELS[Number(bus)]} ${UNITS[Number(unit)]}`;
  }
}
