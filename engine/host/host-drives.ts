// The drives of a host's VMs as consoles ask for them: media are opened when a VM is created, and changed while it is there. From then on
// its specification says of a medium that it is held in this tab; one that is only read, from an URL, can be opened in any tab and
// stays as it was.

import type { DriveStore } from '../vmkernel/block/drive-store.ts';
import type { MediumInfo } from '../vmkernel/block/medium-info.ts';
import { isMedium, isRemovable } from '../vmkernel/spec/drive-check.ts';
import type { MediumSpec, VmSpec } from '../vmkernel/spec/spec.ts';
import type { Vm } from '../vmkernel/vm/vm.ts';

/** Opens the media of a new VM. Resolves with its specification from now on. Rejects with an Error for the user. */
export async function openMedia(store: DriveStore | undefined, spec: VmSpec, tabId: string): Promise<VmSpec> {
  const { id, name, drives = [] } = spec;
  if (drives.length === 0) return spec;
  const media = drives.map(({ medium }) => medium);
  const infos = await required(store, name).register({ id, name }, media);
  return {
    ...spec,
    drives: drives.map(({ medium, ...drive }, n) => {
      const info = infos[n];
      return { ...drive, ...(medium && info && { medium: opened(medium, info, tabId) }) };
    }),
  };
}

/** @param value from outside */
export async function insertMedium(
  store: DriveStore | undefined,
  vm: Vm,
  drive: number,
  value: unknown,
  tabId: string,
): Promise<void> {
  checkDrive(vm, drive);
  if (!isMedium(value) || value.source.kind === 'held')
    throw new Error('A medium has a name, and a file, an URL or bytes.');
  const info = await required(store, vm.spec.name).insert(vm.spec.id, drive, value);
  vm.setMedium(drive, opened(value, info, tabId));
}

/** False: the guest has locked it, and was asked. */
export async function ejectMedium(
  store: DriveStore | undefined,
  vm: Vm,
  drive: number,
  force: boolean,
): Promise<boolean> {
  checkDrive(vm, drive);
  const out = await required(store, vm.spec.name).eject(vm.spec.id, drive, force);
  if (out) vm.setMedium(drive, undefined);
  return out;
}

function checkDrive({ spec: { name, drives = [] }, power }: Vm, index: number): void {
  const drive = drives.at(index);
  if (!Number.isInteger(index) || index < 0 || !drive) throw new Error(`${name} has no such drive.`);
  if (!isRemovable(drive.model) && power !== 'off')
    throw new Error(`The medium of a ${drive.model} can be changed only while ${name} is off.`);
  if (power === 'migrating') throw new Error(`${name} is migrating. Change its media when it has arrived.`);
}

function opened({ name, source, readOnly }: MediumSpec, info: MediumInfo, tab: string): MediumSpec {
  const anywhere = source.kind === 'url' && readOnly === true;
  return { name, ...info, source: anywhere ? source : { kind: 'held', tab } };
}

function required(store: DriveStore | undefined, name: string): DriveStore {
  if (!store) throw new Error(`${name} has drives, and this host has nothing to keep their contents in.`);
  return store;
}
