// -device: the devices of QEMU that test programs ask for by name.

import { PVPANIC_PORT } from '../engine/pc/devices/pvpanic/pvpanic.ts';
import { parseProperties } from './backends.ts';
import { UsageError } from './usage-error.ts';

export type DeviceOption =
  | { model: 'isa-debug-exit'; iobase: number; iosize: number }
  | { model: 'isa-debugcon'; iobase: number; readback: number; chardev: string }
  | { model: 'pc-testdev' }
  | { model: 'pvpanic'; ioport: number }
  | { model: 'pci-testdev' }
  | { model: 'isa-serial'; chardev: string }
  | { model: 'isa-parallel'; iobase?: number; chardev: string };

export const DEBUGCON_PORT = 0xe9;

/** QEMU's defaults. */
const NUMBERS: Record<string, Record<string, number>> = {
  'isa-debug-exit': { iobase: 0x501, iosize: 2 },
  'isa-debugcon': { iobase: DEBUGCON_PORT, readback: 0xe9 },
  'pc-testdev': {},
  'pci-testdev': {},
  pvpanic: { ioport: PVPANIC_PORT },
  'isa-serial': {},
  'isa-parallel': {},
};
/** Properties without a default of their own. */
const MORE_NUMBERS: Record<string, readonly string[]> = { 'isa-parallel': ['iobase'] };

const PRINTERS: ReadonlySet<string> = new Set(['isa-debugcon', 'isa-serial', 'isa-parallel']);

type Printer = Extract<DeviceOption, { chardev: string }>;
function needsChardev(device: DeviceOption): device is Printer {
  return PRINTERS.has(device.model);
}

/** What "-device help" and "-device MODEL,help" print; undefined for other values. */
export function deviceHelp(value: string): string | undefined {
  const [model, ...rest] = value.split(',');
  if (model === 'help' || model === '?')
    return Object.keys(NUMBERS)
      .map((name) => `name "${name}"\n`)
      .join('');
  if (!Object.hasOwn(NUMBERS, model) || !(rest.includes('help') || rest.includes('?'))) return undefined;
  const numbers = Object.entries(NUMBERS[model]).map(([name, number]) => `  ${name}=<uint32> - (default: ${number})\n`);
  const more = (MORE_NUMBERS[model] ?? []).map((name) => `  ${name}=<uint32>\n`);
  const chardev = PRINTERS.has(model) ? ['  chardev=<str> - ID of a chardev\n'] : [];
  return `${model} options:\n${[...numbers, ...more, ...chardev].join('')}`;
}

/** Throws UsageError for a device or property that there is not. */
export function parseDevice(value: string): DeviceOption {
  const [model, ...rest] = value.split(',');
  const defaults = Object.hasOwn(NUMBERS, model) ? NUMBERS[model] : undefined;
  if (!defaults) {
    throw new UsageError(`-device ${model}: unknown device (there are ${Object.keys(NUMBERS).join(', ')})`);
  }
  const { id: _id, ...properties } = parseProperties(`-device ${model}`, rest);
  const numbers = { ...defaults };
  for (const [name, text] of Object.entries(properties)) {
    if (name === 'chardev' && PRINTERS.has(model)) continue;
    if (!Object.hasOwn(defaults, name) && !MORE_NUMBERS[model]?.includes(name))
      throw new UsageError(`-device ${model}: unknown property "${name}"`);
    numbers[name] = portNumber(`-device ${model}: ${name}`, text);
  }
  const device = { model, ...numbers } as DeviceOption;
  if (device.model === 'pvpanic' && device.ioport !== PVPANIC_PORT)
    throw new UsageError(`-device pvpanic: it is at port 0x${PVPANIC_PORT.toString(16)} here`);
  if (!needsChardev(device)) return device;
  if (!properties.chardev) throw new UsageError(`-device ${model}: chardev= is missing`);
  return { ...device, chardev: properties.chardev };
}

function portNumber(what: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 1 || value > 0xffff) {
    throw new UsageError(`${what} must be a port number, not "${text}"`);
  }
  return value;
}
