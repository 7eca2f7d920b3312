// Disks, CDs and floppies on the command line: QEMU's -drive and its short forms, and -device for drives that are placed by hand.

import { basename } from 'node:path';
import type { PropertyValues } from '../engine/pc/bus/device-model.ts';
import type { DriveSpec, MediumSpec } from '../engine/vmkernel/spec/spec.ts';
import { parseProperties } from './common/properties.ts';
import { UsageError } from './common/usage-error.ts';
import { virtioProperties } from './common/virtio-properties.ts';

type Interface = 'ide' | 'virtio' | 'floppy' | 'none';

/** One -drive. */
export interface DriveOption {
  /** As given, for messages. */
  option: string;
  interface: Interface;
  index?: number;
  id?: string;
  cdrom: boolean;
  file?: string;
  /** It was told that the file is sectors as they are. */
  isRaw?: boolean;
  readOnly: boolean;
  snapshot: boolean;
}

/** One -device that is a drive. */
export interface DriveDeviceOption {
  option: string;
  name: string;
  /** Its own id. */
  id?: string;
  drive?: string;
  place: PropertyValues;
  /** Of a virtio device. */
  virtio?: PropertyValues;
}

/** A drive with what the monitor calls it. */
export interface PlacedDrive {
  name: string;
  spec: DriveSpec;
}

const INTERFACES: readonly Interface[] = ['ide', 'virtio', 'floppy', 'none'];
/** How many an interface has room for. */
const ROOM = { ide: 4, virtio: 8, floppy: 2 };
const PROPERTIES = 'file format if index bus unit media readonly read-only snapshot id'.split(' ');

/** -device names of drives, and the properties that say where they sit. */
const DEVICES: Readonly<Record<string, { model: string; place: readonly string[] }>> = {
  'ide-hd': { model: 'ide-hd', place: ['bus', 'unit'] },
  'ide-cd': { model: 'ide-cd', place: ['bus', 'unit'] },
  'virtio-blk-pci': { model: 'virtio-blk', place: [] },
  floppy: { model: 'floppy', place: ['unit'] },
};

/** -drive. Throws UsageError. */
export function parseDrive(value: string): DriveOption {
  const option = `-drive ${value}`;
  const given = parseProperties('-drive', splitAtCommas(value));
  const unknown = Object.keys(given).find((name) => !PROPERTIES.includes(name));
  if (unknown !== undefined) throw new UsageError(`${option}: unknown property "${unknown}"`);
  const { file, format, media = 'disk', id, bus, unit } = given;
  const kind = (given.if ?? 'ide') as Interface;
  if (!INTERFACES.includes(kind)) throw new UsageError(`${option}: if= is one of ${INTERFACES.join(', ')}`);
  if (format !== undefined && format !== 'raw') throw new UsageError(`${option}: only format=raw is possible here`);
  if (media !== 'disk' && media !== 'cdrom') throw new UsageError(`${option}: media= is disk or cdrom`);
  const cdrom = media === 'cdrom';
  if (cdrom && (kind === 'virtio' || kind === 'floppy'))
    throw new UsageError(`${option}: a CD is in an IDE drive, not if=${kind}`);
  if (file === undefined && !cdrom && kind !== 'floppy') throw new UsageError(`${option}: file= is missing`);
  if (kind === 'none' && id === undefined) throw new UsageError(`${option}: id= is missing, for -device`);
  const index = indexOf(option, kind, given.index, bus, unit);
  return {
    ...{ option, interface: kind, cdrom },
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id }),
    ...(file !== undefined && { file }),
    ...(format !== undefined && { isRaw: true }),
    readOnly: cdrom || onOff(option, 'readonly', given.readonly ?? given['read-only']),
    snapshot: onOff(option, 'snapshot', given.snapshot),
  };
}

/** -hda to -hdd, -cdrom, -fda, -fdb and a file alone: what they are short for. */
export function shortDrive(option: string, file: string): DriveOption {
  const letter = option.at(-1) ?? 'a';
  const common = { option: `-${option}`, file, readOnly: false, snapshot: false, cdrom: false };
  if (option === 'cdrom') return { ...common, interface: 'ide', index: 2, cdrom: true, readOnly: true };
  return { ...common, interface: option.startsWith('fd') ? 'floppy' : 'ide', index: 'abcd'.indexOf(letter) };
}

/** Undefined if it is no drive. Throws UsageError. */
export function parseDriveDevice(value: string): DriveDeviceOption | undefined {
  const [name, ...rest] = splitAtCommas(value);
  const device = Object.hasOwn(DEVICES, name) ? DEVICES[name] : undefined;
  if (!device) return undefined;
  const option = `-device ${value}`;
  const { drive, id, ...properties } = parseProperties(`-device ${name}`, rest);
  const { virtio, rest: given } =
    device.model === 'virtio-blk' ? virtioProperties(`-device ${name}`, properties) : { rest: properties };
  const place: Record<string, number> = {};
  for (const [property, text] of Object.entries(given)) {
    if (!device.place.includes(property)) throw new UsageError(`-device ${name}: unknown property "${property}"`);
    place[property] = wholeNumber(option, property, text.replace(/^ide\./, ''), 1);
  }
  return {
    option,
    name,
    ...(id !== undefined && { id }),
    ...(drive !== undefined && { drive }),
    ...(virtio && { virtio }),
    place,
  };
}

/** What the machine has, all options together. Throws UsageError. */
export function drivesOf(
  drives: readonly DriveOption[],
  devices: readonly DriveDeviceOption[],
  snapshot: boolean,
): PlacedDrive[] {
  const ids = drives.flatMap(({ id }) => id ?? []);
  const twin = ids.find((id, n) => ids.indexOf(id) !== n);
  if (twin !== undefined) throw new UsageError(`-drive: the id "${twin}" is taken`);
  const all: PlacedDrive[] = [];
  for (const kind of ['floppy', 'ide', 'virtio'] as const) {
    const placed: (DriveOption | undefined)[] = [];
    const own = drives.filter((drive) => drive.interface === kind);
    for (const drive of [...own].sort((a, b) => Number(a.index === undefined) - Number(b.index === undefined))) {
      const index = drive.index ?? firstFree(placed);
      if (index >= ROOM[kind])
        throw new UsageError(`${drive.option}: a machine has ${ROOM[kind]} drives with if=${kind}`);
      if (placed[index]) throw new UsageError(`${drive.option}: there is ${placed[index].option} already`);
      placed[index] = drive;
    }
    for (const [index, drive] of placed.entries())
      if (drive)
        all.push({
          name: drive.id ?? placeName(kind, index, drive.cdrom),
          spec: driveSpec(kind, index, drive, snapshot),
        });
  }
  for (const device of devices) {
    const spec = placedByHand(
      device,
      drives,
      snapshot,
      all.map((one) => one.spec),
    );
    const { bus = 0, unit = 0 } = spec.properties ?? {};
    const virtio = all.filter((one) => one.spec.model === 'virtio-blk').length;
    const kind = spec.model === 'floppy' ? 'floppy' : spec.model === 'virtio-blk' ? 'virtio' : 'ide';
    const index = kind === 'virtio' ? virtio : 2 * Number(bus) + Number(unit);
    all.push({ name: device.drive ?? device.id ?? placeName(kind, index, spec.model === 'ide-cd'), spec });
  }
  return all;
}

/** QEMU's names for drives that have none. */
function placeName(kind: keyof typeof ROOM, index: number, cdrom: boolean): string {
  if (kind !== 'ide') return `${kind}${index}`;
  return `ide${index >> 1}-${cdrom ? 'cd' : 'hd'}${index & 1}`;
}

function firstFree(placed: readonly unknown[]): number {
  let index = 0;
  while (placed[index]) index++;
  return index;
}

function driveSpec(kind: keyof typeof ROOM, index: number, drive: DriveOption, snapshot: boolean): DriveSpec {
  const medium = mediumOf(drive, snapshot);
  const rest = medium && { medium };
  if (kind === 'virtio') return { model: 'virtio-blk', ...rest };
  if (kind === 'floppy') return { model: 'floppy', properties: { unit: index }, ...rest };
  const properties = { bus: index >> 1, unit: index & 1 };
  return { model: drive.cdrom ? 'ide-cd' : 'ide-hd', properties, ...rest };
}

function placedByHand(
  { option, name, drive: id, place, virtio }: DriveDeviceOption,
  drives: readonly DriveOption[],
  snapshot: boolean,
  before: readonly DriveSpec[],
): DriveSpec {
  const { model } = DEVICES[name];
  const drive = drives.find((one) => one.id === id && one.interface === 'none');
  if (id !== undefined && !drive) throw new UsageError(`${option}: there is no -drive with if=none,id=${id}`);
  if (!drive && (name === 'ide-hd' || name === 'virtio-blk-pci'))
    throw new UsageError(`${option}: drive= is missing, the id of a -drive`);
  const medium = drive && mediumOf({ ...drive, readOnly: drive.readOnly || name === 'ide-cd' }, snapshot);
  const properties = virtio ?? freePlace(option, model, place, before);
  return { model, ...(properties && { properties }), ...(medium && { medium }) };
}

/** The first place that is as given and not taken; undefined for models that have none. */
function freePlace(option: string, model: string, given: PropertyValues, before: readonly DriveSpec[]) {
  if (model === 'virtio-blk') return undefined;
  const kind = model === 'floppy' ? 'floppy' : 'ide';
  const taken = before.filter((other) => (other.model === 'floppy') === (kind === 'floppy')).map(placeText);
  for (let index = 0; index < ROOM[kind]; index++) {
    const properties: PropertyValues = kind === 'ide' ? { bus: index >> 1, unit: index & 1 } : { unit: index };
    const fits = Object.entries(given).every(([name, value]) => properties[name] === value);
    if (fits && !taken.includes(placeText({ properties }))) return properties;
  }
  throw new UsageError(`${option}: there is a drive already`);
}

function placeText({ properties = {} }: Pick<DriveSpec, 'properties'>): string {
  return `${properties.bus} ${properties.unit}`;
}

function mediumOf({ file, readOnly, snapshot: own }: DriveOption, snapshot: boolean): MediumSpec | undefined {
  if (file === undefined || file === '') return undefined;
  return { name: basename(file), source: { kind: 'path', path: file, snapshot: own || snapshot }, readOnly };
}

function indexOf(option: string, kind: Interface, index?: string, bus?: string, unit?: string): number | undefined {
  if (kind === 'none') return undefined;
  if (index !== undefined) return wholeNumber(option, 'index', index, ROOM[kind] - 1);
  if (bus === undefined && unit === undefined) return undefined;
  const first = bus === undefined ? 0 : wholeNumber(option, 'bus', bus, kind === 'ide' ? 1 : 0) * 2;
  return first + (unit === undefined ? 0 : wholeNumber(option, 'unit', unit, kind === 'virtio' ? ROOM.virtio - 1 : 1));
}

function wholeNumber(option: string, name: string, text: string, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > most)
    throw new UsageError(`${option}: ${name}= is a whole number from 0 to ${most}`);
  return value;
}

function onOff(option: string, name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'off') return false;
  if (value === 'on') return true;
  throw new UsageError(`${option}: ${name}= is on or off`);
}

/** A comma of a file's name is written twice. */
function splitAtCommas(list: string): string[] {
  return list.split(/(?<!,),(?!,)/).map((part) => part.replaceAll(',,', ','));
}
