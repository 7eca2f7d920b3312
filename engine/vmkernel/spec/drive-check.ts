// Validates the drives of a specification that came from outside.

import { IDENTIFIER_LIMIT } from '../../base/decode.ts';
import { MAXIMUM_DRIVES } from '../../pc/bus/block.ts';
import { completeValues, DeviceSpecError, type PropertyValues } from '../../pc/bus/device-model.ts';
import { DRIVE_MODELS } from '../../pc/machine/device-models.ts';
import type { DriveOutline, MediumOutline, MediumSource, MediumSpec } from './spec.ts';

/** What drives are connected to, and how many each has room for. */
const CONNECTIONS = [
  { models: ['ide-hd', 'ide-cd'], most: 4, words: 'IDE drives' },
  { models: ['floppy'], most: 2, words: 'floppy drives' },
  { models: ['virtio-blk'], most: 8, words: 'virtio disks' },
];
/** Properties that say where a drive sits. */
const PLACE = ['bus', 'unit'];
const MAXIMUM_NAME = 255;
const MAXIMUM_PATH = 4096;

/** Media of these are put in and taken out. */
const REMOVABLE = ['ide-cd', 'floppy'];

export function isRemovable(model: string): boolean {
  return REMOVABLE.includes(model);
}

/** What is wrong, as the end of a sentence that begins with the VM's name; undefined if nothing is. */
export function drivesProblem(drives: unknown): string | undefined {
  if (drives === undefined) return undefined;
  if (!Array.isArray(drives) || drives.length > MAXIMUM_DRIVES)
    return `has more than ${MAXIMUM_DRIVES} drives, or no list of them`;
  for (const [index, drive] of (drives as Partial<DriveOutline>[]).entries()) {
    const problem = driveProblem(drive, index);
    if (problem) return problem;
  }
  return crowdProblem(drives as DriveOutline[]);
}

function driveProblem(drive: Partial<DriveOutline> | null | undefined, index: number): string | undefined {
  const model = DRIVE_MODELS.find(({ name }) => name === drive?.model);
  if (!model) {
    const models = DRIVE_MODELS.map(({ name }) => name).join(', ');
    return `has a drive that is not possible: its model must be one of ${models}`;
  }
  try {
    completeValues(model, { ...drive?.properties, index });
  } catch (error) {
    if (!(error instanceof DeviceSpecError)) throw error;
    return `has a drive that is not possible: ${error.message}`;
  }
  if (drive?.medium === undefined || isMediumOutline(drive.medium)) return undefined;
  return 'has a drive with a medium that has no usable name or size';
}

/** Too many of a kind, or two in the same place. */
function crowdProblem(drives: readonly DriveOutline[]): string | undefined {
  for (const { models, most, words } of CONNECTIONS) {
    const here = drives.filter(({ model }) => models.includes(model));
    if (here.length > most) return `has more than ${most} ${words}`;
    const places = here.flatMap(({ properties }) => placeOf(properties ?? {}) ?? []);
    const twin = places.find((place, n) => places.indexOf(place) !== n);
    if (twin) return `has two ${words} in one place (${twin})`;
  }
  return undefined;
}

function placeOf(properties: PropertyValues): string | undefined {
  const given = PLACE.filter((name) => Object.hasOwn(properties, name));
  return given.length === 0 ? undefined : given.map((name) => `${name} ${properties[name]}`).join(', ');
}

function isMediumOutline(value: unknown): boolean {
  const { name, size, readOnly, tab } = (value ?? {}) as Partial<MediumOutline>;
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= MAXIMUM_NAME &&
    (size === undefined || (Number.isSafeInteger(size) && size > 0)) &&
    (readOnly === undefined || typeof readOnly === 'boolean') &&
    (tab === undefined || isTab(tab))
  );
}

export function isMedium(value: unknown): value is MediumSpec {
  return isMediumOutline(value) && isSource((value as Partial<MediumSpec>).source);
}

function isSource(value: unknown): boolean {
  const source = (value ?? {}) as MediumSource;
  switch (source.kind) {
    case 'blob':
      return source.blob instanceof Blob;
    case 'url':
      return isPath(source.url);
    case 'bytes':
      return source.bytes instanceof Uint8Array;
    case 'blank':
      return Number.isSafeInteger(source.size) && source.size > 0;
    case 'path':
      return isPath(source.path) && (source.snapshot === undefined || typeof source.snapshot === 'boolean');
    case 'held':
      return isTab(source.tab);
    default:
      return false;
  }
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAXIMUM_PATH;
}

function isTab(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= IDENTIFIER_LIMIT;
}
