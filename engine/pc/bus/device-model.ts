// How a device is registered with the machine: a description as data, from which the runner's options, the check of a VM's
// specification and the console's dialogs come, and how one is created on the board. Each device folder exports its own in
// `model.ts`; engine/pc/machine/device-models.ts lists them.

import type { AcpiNode, InterruptControllerEntry } from './acpi-node.ts';
import type { Board } from './board.ts';
import type { Device } from './device.ts';

interface Described {
  /** For the user, in one line. */
  help: string;
  /** No two devices of the model may have the same value. */
  unique?: boolean;
}

/** A port number is 1 to FFFFh unless limited further. */
export type Property = Described &
  (
    | { kind: 'number'; least: number; most: number; default?: number }
    | { kind: 'port'; least?: number; most?: number; default?: number }
    /** Where the device's output goes: what the VM's owner calls it. */
    | { kind: 'channel'; default?: undefined }
    /** As 52:54:00:12:34:56. */
    | { kind: 'mac'; default?: undefined }
    /** One of some words. */
    | { kind: 'choice'; choices: readonly string[]; default?: string }
  );

type Properties = Readonly<Record<string, Property>>;
export type PropertyValue = number | string;
export type PropertyValues = Readonly<Record<string, PropertyValue>>;
type ValuesOf<P extends Properties> = {
  readonly [Name in keyof P]: P[Name]['kind'] extends 'number' | 'port' ? number : string;
};

/** One device of a machine, as a specification asks for it. Structured-cloneable. */
export interface DeviceSpec {
  /** Name of a device model. */
  model: string;
  /** Those left out have their defaults. */
  properties?: PropertyValues;
}

/**
 * `board`: part of every machine, and of none twice. `network`: a network card. `drive`: what has a medium, or may have one. `device`: what a specification may list
 * among its devices.
 */
type DeviceRole = 'board' | 'network' | 'drive' | 'device';

interface Description {
  /** QEMU's for -device where it has one. */
  readonly name: string;
  readonly role: DeviceRole;
  /** For the user: what it is, in one line. */
  readonly help: string;
  /** Those that every machine has. */
  readonly builtIn?: readonly PropertyValues[];
  /** In one machine, those that are built in included; any number if left out. */
  readonly most?: number;
  /** A PCI card that may be given an option ROM. */
  readonly takesRom?: boolean;
  /** It shows a picture: firmware speaks there, and not over COM1. */
  readonly isDisplay?: boolean;
}

export interface DeviceModel extends Description {
  readonly properties: Properties;
  /** KiB of memory of its own (Board.takeMemory), whole pages: none if left out. */
  memoryKiB?(values: PropertyValues): number;
  /** What of it guests find by ACPI; PCI devices are found without. */
  acpi?(values: PropertyValues): readonly AcpiNode[];
  /** Its entries of the MADT. */
  interruptControllers?(values: PropertyValues): readonly InterruptControllerEntry[];
  /**
   * Puts one device on the board, in its state after power-on. Returns what has state; `ordinal` counts the devices of
   * the model in this machine, from 0. The values are checked and complete.
   */
  create(board: Board, values: PropertyValues, ordinal: number): Device | undefined;
}

/** Lets `create` see the values with the types that the properties say. */
export function deviceModel<const P extends Properties>(
  model: Description & {
    readonly properties: P;
    memoryKiB?(values: ValuesOf<P>): number;
    acpi?(values: ValuesOf<P>): readonly AcpiNode[];
    interruptControllers?(values: ValuesOf<P>): readonly InterruptControllerEntry[];
    create(board: Board, values: ValuesOf<P>, ordinal: number): Device | undefined;
  },
): DeviceModel {
  const { memoryKiB, acpi, interruptControllers, ...rest } = model;
  return {
    ...rest,
    ...(memoryKiB && { memoryKiB: (values: PropertyValues) => memoryKiB(values as ValuesOf<P>) }),
    ...(acpi && { acpi: (values: PropertyValues) => acpi(values as ValuesOf<P>) }),
    ...(interruptControllers && {
      interruptControllers: (values: PropertyValues) => interruptControllers(values as ValuesOf<P>),
    }),
    create: (board, values, ordinal) => model.create(board, values as ValuesOf<P>, ordinal),
  };
}

/** A machine cannot have a device that was asked for. The message is a sentence without its end, for the user. */
export class DeviceSpecError extends Error {
  override name = 'DeviceSpecError';
}

/** Fills in defaults. Throws DeviceSpecError naming the property and its limit. */
export function completeValues({ name, properties }: DeviceModel, given: unknown = {}): PropertyValues {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new DeviceSpecError(`${name} has no list of properties`);
  }
  const unknown = Object.keys(given).find((property) => !Object.hasOwn(properties, property));
  if (unknown !== undefined) throw new DeviceSpecError(`${name} has no property "${unknown}"`);
  return Object.fromEntries(
    Object.entries(properties).map(([property, description]) => {
      const value = (given as Record<string, unknown>)[property] ?? description.default;
      if (value === undefined) throw new DeviceSpecError(`${property} of ${name} is missing`);
      if (!isPropertyValue(value, description))
        throw new DeviceSpecError(`${property} of ${name} must be ${valueWords(description)}`);
      return [property, value];
    }),
  );
}

const MAXIMUM_PORT = 0xffff;
/** Names of channels are short. */
const MAXIMUM_TEXT = 256;

/** Is it what the property takes? */
export function isPropertyValue(value: unknown, property: Property): value is PropertyValue {
  switch (property.kind) {
    case 'number':
    case 'port': {
      const { least, most } = numberLimits(property);
      return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
    }
    case 'channel':
      return typeof value === 'string' && value !== '' && value.length <= MAXIMUM_TEXT;
    case 'mac':
      return isStationAddress(value);
    case 'choice':
      return property.choices.some((choice) => choice === value);
  }
}

function numberLimits({ least, most }: { least?: number; most?: number }): { least: number; most: number } {
  return { least: least ?? 1, most: most ?? MAXIMUM_PORT };
}

/** What a property takes, for the user. */
export function valueWords(property: Property): string {
  if (property.kind === 'channel') return 'the name of an output';
  if (property.kind === 'mac') return 'an address like 52:54:00:12:34:56';
  if (property.kind === 'choice') return property.choices.map((choice) => `"${choice}"`).join(' or ');
  const { least, most } = numberLimits(property);
  const shown = (value: number) => (property.kind === 'port' ? `0x${value.toString(16)}` : String(value));
  if (least === most) return shown(least);
  if (property.kind === 'port')
    return least === 1 && most === MAXIMUM_PORT
      ? 'a port number'
      : `a port number from ${shown(least)} to ${shown(most)}`;
  return `a whole number from ${least} to ${most}`;
}

/** A MAC address that is neither a group's nor all zeros. */
function isStationAddress(value: unknown): value is string {
  return typeof value === 'string' && !/^[0:]+$/.test(value) && /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(value);
}
