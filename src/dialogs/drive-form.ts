// What the New VM dialog holds of one drive, what is wrong with the drives together, and the specification they make.

import { MIB } from '../../engine/base/sizes.ts';
import type { DriveSpec, MediumSpec } from '../../engine/host/api.ts';
import { drivesProblem, isRemovable } from '../../engine/vmkernel/spec/drive-check.ts';

export type DriveModel = 'ide-hd' | 'virtio-blk' | 'ide-cd' | 'floppy';

export interface DriveForm {
  /** Which it is, while the dialog is open. */
  key: string;
  model: DriveModel;
  /** From a file; without it the drive is empty, or a new disk. */
  medium?: { spec: MediumSpec; size: number };
  /** As typed, MiB: of a new disk. */
  sizeMiB?: string;
  /** The file among those that were given (ImageItem) from which it came. */
  fromItem?: number;
}

/** `[bus, unit]` on the IDE channels, in the order in which disks take them. */
const IDE_PLACES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;
/** CD drives: firmware and systems expect one there. */
const CD_PLACES = [IDE_PLACES[2], IDE_PLACES[3], IDE_PLACES[1], IDE_PLACES[0]];
/** MiB; a file system of a guest has 2^32 sectors at most. */
const LARGEST_DISK_MIB = 2 ** 21 - 1;

/** By drive, what is wrong with it. */
export function checkDrives(drives: readonly DriveForm[]): (string | undefined)[] {
  return drives.map(({ model, medium, sizeMiB }) => {
    if (medium || isRemovable(model)) return undefined;
    const size = Number(sizeMiB);
    const isSize = sizeMiB?.trim() !== '' && Number.isInteger(size) && size >= 1 && size <= LARGEST_DISK_MIB;
    return isSize ? undefined : `A new disk has a whole number of MiB, 1 to ${LARGEST_DISK_MIB}.`;
  });
}

/** What is wrong with all of them together, as a sentence. */
export function driveCrowd(drives: readonly DriveForm[]): string | undefined {
  if (checkDrives(drives).some(Boolean)) return undefined;
  const problem = drivesProblem(driveSpecs(drives));
  return problem && `The VM ${problem}.`;
}

/** @param drives ones without errors of their own */
export function driveSpecs(drives: readonly DriveForm[]): DriveSpec[] {
  const free = [...IDE_PLACES];
  // CD drives first: a disk goes anywhere.
  const ide = new Map<string, readonly [number, number]>();
  const place = (wanted: readonly (readonly [number, number])[]) => {
    const found = wanted.find((one) => free.includes(one as (typeof free)[number]));
    if (found) free.splice(free.indexOf(found as (typeof free)[number]), 1);
    // One too many is put where there is one already: the engine says what is wrong.
    return found ?? IDE_PLACES[0];
  };
  for (const { key, model } of drives) if (model === 'ide-cd') ide.set(key, place(CD_PLACES));
  for (const { key, model } of drives) if (model === 'ide-hd') ide.set(key, place(IDE_PLACES));
  let floppies = 0;
  return drives.map(({ key, model, medium, sizeMiB }) => {
    const found = ide.get(key);
    const properties = found && { bus: found[0], unit: found[1] };
    const spec = medium?.spec ?? blankDisk(model, sizeMiB);
    const floppy = model === 'floppy' && { properties: { unit: floppies++ } };
    return { model, ...floppy, ...(properties && { properties }), ...(spec && { medium: spec }) };
  });
}

function blankDisk(model: DriveModel, sizeMiB: string | undefined): MediumSpec | undefined {
  if (isRemovable(model)) return undefined;
  return { name: 'new disk', source: { kind: 'blank', size: Number(sizeMiB) * MIB } };
}
