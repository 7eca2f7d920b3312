import { expect, it } from 'vitest';
import { type ParsedCommandLine, parseCommandLine } from './options.ts';
import { vmSpec } from './vm-spec.ts';

const IMAGE = { kind: 'url', url: 'file' } as const;

/** The models of the devices that a machine has beside those of every one. */
function devices(line: string, bareMetal: boolean): string[] {
  const parsed = parseCommandLine(line.split(' ')) as ParsedCommandLine & { kind: 'run' };
  const images = line.includes('-kernel') ? { kernel: IMAGE } : { firmware: { image: IMAGE, sizeKiB: 64 } };
  const { devices: found } = vmSpec(parsed.options, { images, bareMetal }, 'a', 'a');
  return (found ?? []).map(({ model }) => model).sort();
}

it.each([
  ['-bios b', true, ['VGA', 'fw-cfg', 'ioapic', 'local-apic']],
  ['-hda d', true, ['VGA', 'fw-cfg', 'ioapic', 'local-apic']],
  ['-bios b -vga none', true, ['fw-cfg', 'ioapic', 'local-apic', 'text-memory']],
  ['-kernel k', true, ['fw-cfg', 'ioapic', 'local-apic', 'text-memory']],
  ['-kernel k -vga std', true, ['VGA', 'fw-cfg', 'ioapic', 'local-apic']],
  ['-kernel k -device VGA', true, ['VGA', 'fw-cfg', 'ioapic', 'local-apic']],
  ['-kernel k', false, []],
  ['-kernel k -vga std', false, ['VGA']],
] as const)('%s, without Linux: %s', (line, bareMetal, expected) => {
  expect(devices(line, bareMetal)).toEqual(expected);
});
