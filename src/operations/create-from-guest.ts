// Makes VMs: from an image of the catalogue with its own settings, or as the dialog says.

import type { GuestImage } from '../session/catalogue.ts';
import { apiOf } from '../session/connections.ts';
import { useConsole } from '../state/store.ts';
import { createVm } from './vm-operations.ts';

/** linux-1, linux-2 …: the first number that no VM has. */
export function freeVmName(base: string, taken: string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`${base}-${n}`)) return `${base}-${n}`;
}

export function takenVmNames(): string[] {
  return Object.values(useConsole.getState().fleet.vms).map((vm) => vm.name);
}

export function newVmId(): string {
  return `vm-${crypto.randomUUID().slice(0, 8)}`;
}

/** Creates the VM and powers it on, on the given host or the first that has room for it. */
export async function createFromGuest(preferredHostId: string, guest: GuestImage): Promise<void> {
  const hostId = (await firstWithRoom(preferredHostId, guest.memoryMiB)) ?? preferredHostId;
  const { kernel, initrd, commandLine, memoryMiB, os } = guest;
  const name = freeVmName(guest.name, takenVmNames());
  await createVm(hostId, { id: newVmId(), name, guestOs: os, memoryMiB, kernel, initrd, commandLine }, true);
}

async function firstWithRoom(preferred: string, memoryMiB: number): Promise<string | undefined> {
  const others = useConsole.getState().fleet.hostOrder.filter((id) => id !== preferred);
  for (const id of [preferred, ...others]) if ((await apiOf(id).admission(memoryMiB)) === undefined) return id;
  return undefined;
}
