// -device: the device models of QEMU that test programs ask for by name, as the machine's table describes them.

import type { DeviceModel, PropertyValue } from '../engine/pc/bus/device-model.ts';
import { DEVICE_MODELS } from '../engine/pc/machine/device-models.ts';
import { parseProperties, propertyValue } from './common/properties.ts';
import { UsageError } from './common/usage-error.ts';

/** As given: nothing is filled in, and a channel is the id of a -chardev. */
export interface DeviceOption {
  model: string;
  properties: Record<string, PropertyValue>;
  /** The file with its option ROM. */
  romFile?: string;
}

/** Always there; that it is asked for has a meaning of its own (options.ts, endOnPanic). */
export const PVPANIC = 'pvpanic';

const MODELS = DEVICE_MODELS.filter(({ name, role }) => role === 'device' || name === PVPANIC);
const NAMES = MODELS.map(({ name }) => name).sort();

const PLACEHOLDERS = { number: 'N', port: 'PORT', channel: 'ID', mac: 'MAC' };
/** Where the explanations of -help begin. */
const HELP_COLUMN = 27;

/** What "-device help" and "-device MODEL,help" print; undefined for other values. */
export function deviceHelp(value: string): string | undefined {
  const [name, ...rest] = value.split(',');
  if (name === 'help' || name === '?') return NAMES.map((model) => `name "${model}"\n`).join('');
  const model = MODELS.find((one) => one.name === name);
  if (!model || !(rest.includes('help') || rest.includes('?'))) return undefined;
  const lines = Object.entries(model.properties).map(([property, { kind, default: value, help }]) => {
    const type = kind === 'number' || kind === 'port' ? 'uint32' : 'str';
    return `  ${property}=<${type}> - ${help}${value === undefined ? '' : ` (default: ${value})`}\n`;
  });
  return `${name} options:\n${lines.join('')}`;
}

/** Throws UsageError for a device or property that there is not. */
export function parseDevice(value: string): DeviceOption {
  const [name, ...rest] = value.split(',');
  const model = MODELS.find((one) => one.name === name);
  if (!model) throw new UsageError(`-device ${name}: unknown device (there are ${NAMES.join(', ')})`);
  const { id: _id, romfile, ...given } = parseProperties(`-device ${name}`, rest);
  if (romfile !== undefined && !model.takesRom) throw new UsageError(`-device ${name}: unknown property "romfile"`);
  const properties = Object.entries(given).map(([property, text]): [string, PropertyValue] => {
    if (!Object.hasOwn(model.properties, property))
      throw new UsageError(`-device ${name}: unknown property "${property}"`);
    return [property, propertyValue(`-device ${name}: ${property}`, model.properties[property], text)];
  });
  const channel = channelOf(model);
  if (channel && !given[channel]) throw new UsageError(`-device ${name}: ${channel}= is missing`);
  return { model: name, properties: Object.fromEntries(properties), ...(romfile && { romFile: romfile }) };
}

/** The property of a model that says where its output goes, if it has any. */
function channelOf({ properties }: DeviceModel): string | undefined {
  return Object.keys(properties).find((property) => properties[property].kind === 'channel');
}

/** For -help: a line or two on each. */
export function deviceUsage(): string {
  return NAMES.map((name) => {
    const model = MODELS.find((one) => one.name === name);
    const properties = Object.entries(model?.properties ?? {}).map(([property, described]) => {
      const { kind, default: value } = described;
      const text = `,${property}=${kind === 'choice' ? described.choices.join('|') : PLACEHOLDERS[kind]}`;
      return kind === 'channel' || (value === undefined && property !== 'index') ? text : `[${text}]`;
    });
    const usage = `  -device ${name}${properties.join('')}`;
    const help = model?.help ?? '';
    return usage.length < HELP_COLUMN - 1
      ? usage.padEnd(HELP_COLUMN) + help
      : `${usage}\n${' '.repeat(HELP_COLUMN)}${help}`;
  }).join('\n');
}
