// What a machine is made of, in words, beside its drives: by its specification.
import type { VmOutline } from '../../engine/host/api.ts';
import type { BootDevice } from '../../engine/pc/bus/boot.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import type { Fact } from '../components/Facts.tsx';
import { formatMiB } from '../format/format.ts';

export function machineFacts(spec: VmOutline): Fact[] {
  const { memoryMiB, firmware, boot, commandLine } = spec;
  return [
    ['Processor', '1 vCPU'],
    ['Memory', formatMiB(memoryMiB)],
    ['Starts', firmware ? 'by firmware (BIOS)' : 'a kernel directly'],
    firmware ? ['Boot order', bootOrder(boot?.order)] : ['Command line', commandLine || '–'],
  ];
}

export function deviceFacts({ devices = [], nics = [] }: VmOutline): Fact[] {
  const has = (model: string) => devices.some((device) => device.model === model);
  const cards = nics.map(({ model, portGroup = DEFAULT_PORT_GROUP.name }) => `${model}, ${portGroup}`);
  return [
    ['Screen', has('VGA') ? 'standard VGA, 16 MiB' : 'none: serial console only'],
    ['Pointer', has('virtio-tablet') ? 'PS/2 mouse, virtio tablet' : 'PS/2 mouse'],
    ['Serial port', 'COM1 (ttyS0)'],
    ...(cards.length === 0
      ? ([['Network card', 'none']] as Fact[])
      : cards.map((card, n): Fact => [`Network card ${n + 1}`, card])),
  ];
}

const BOOT_WORDS: Record<BootDevice, string> = { floppy: 'floppy', disk: 'disk', cdrom: 'CD', network: 'network' };

function bootOrder(order: readonly BootDevice[] | undefined): string {
  return order?.length ? order.map((device) => BOOT_WORDS[device]).join(', ') : 'disk, floppy, CD';
}
