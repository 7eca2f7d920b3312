// Makes VMs from images of the catalogue with their own settings and one network card, in one click.
import { vmNameConflict } from '../../engine/base/object-name.ts';
import type { DriveSpec, MediumSpec, NicSpec, VmSpec } from '../../engine/host/api.ts';
import { vmOutline } from '../../engine/vmkernel/spec/vm-outline.ts';
import { randomMac } from '../format/mac.ts';
import type { FirmwareImages, GuestImage } from '../session/catalogue.ts';
import { LAPWING, loadLapwing } from '../session/lapwing.ts';
import { knownMacs } from '../state/networks.ts';
import { notify, useConsole } from '../state/store.ts';
import { refusalOf } from './admissions.ts';
import { firmwareMachine, SCREEN } from './firmware-machine.ts';
import { CD_DRIVE, guestMachine } from './guest-machine.ts';
import { createVm } from './vm-operations.ts';

/** linux-1, linux-2 …: the first number that no VM has, also not in DNS. */
export function freeVmName(base: string, taken: string[]): string {
  for (let n = 1; ; n++) if (!vmNameConflict(`${base}-${n}`, taken)) return `${base}-${n}`;
}

export function takenVmNames(): string[] {
  return Object.values(useConsole.getState().fleet.vms).map((vm) => vm.name);
}

/** In lower case. */
export function takenMacs(): Set<string> {
  const { networks, fleet } = useConsole.getState();
  return knownMacs(networks, fleet.vms);
}

export function newVmId(): string {
  return `vm-${crypto.randomUUID().slice(0, 8)}`;
}

/** The card that a VM has by default, in the default port group. */
export function newNic(): NicSpec {
  return { model: 'virtio-net', mac: randomMac(takenMacs()) };
}

export function guestSpec(guest: GuestImage, name: string): VmSpec {
  const { memoryMiB, os } = guest;
  return { id: newVmId(), name, guestOs: os, memoryMiB, nics: [newNic()], ...guestMachine(guest, name) };
}

/** @param floppy its disk; what it asks for beside it is a CD drive for files that are dropped on it */
export function lapwingSpec(firmware: FirmwareImages, floppy: MediumSpec, name: string): VmSpec {
  return {
    id: newVmId(),
    name,
    guestOs: LAPWING.os,
    memoryMiB: LAPWING.memoryMiB,
    commandLine: '',
    boot: { order: ['floppy'] },
    nics: [],
    drives: LAPWING_DRIVES.map((drive, n) => (n === 0 ? { ...drive, medium: floppy } : drive)),
    ...firmwareMachine(firmware, SCREEN),
  };
}

/** The floppy drive first. */
export const LAPWING_DRIVES: readonly DriveSpec[] = [{ model: 'floppy', properties: { unit: 0 } }, CD_DRIVE];

/** As `createFromGuest`. */
export async function createLapwing(preferredHostId: string, firmware: FirmwareImages): Promise<void> {
  try {
    const spec = lapwingSpec(firmware, await loadLapwing(), freeVmName(LAPWING.name, takenVmNames()));
    await createVm(await firstWithRoom(preferredHostId, spec), spec, true);
  } catch (error) {
    notify('danger', 'Lapwing does not start', (error as Error).message);
  }
}

/** Creates the VM and powers it on, on the given host or the first that has room for it. */
export async function createFromGuest(preferredHostId: string, guest: GuestImage): Promise<void> {
  const spec = guestSpec(guest, freeVmName(guest.name, takenVmNames()));
  await createVm(await firstWithRoom(preferredHostId, spec), spec, true);
}

/** The preferred host if no host can take the VM: it says why. Hosts that do not respond are passed over. */
export async function firstWithRoom(preferred: string, spec: VmSpec): Promise<string> {
  const others = useConsole.getState().fleet.hostOrder.filter((id) => id !== preferred);
  const outline = vmOutline(spec);
  for (const id of [preferred, ...others]) if ((await refusalOf(id, outline)) === undefined) return id;
  return preferred;
}
