// What a confirmation says: always by name what is lost.

import type { VmStatus } from '../../engine/host/api.ts';
import { formatBytes } from '../format/format.ts';
import { removeLocalHost } from '../operations/host-operations.ts';
import { ejectMedium } from '../operations/media-operations.ts';
import { removePortGroup } from '../operations/network-operations.ts';
import { deleteVm, powerOff, resetVm } from '../operations/vm-operations.ts';
import type { FleetState } from '../state/fleet.ts';
import type { DialogRef } from '../state/view.ts';

export type ConfirmRef = Extract<DialogRef, { kind: 'confirm' }>;

export interface Confirmation {
  title: string;
  text: string;
  button: string;
  run(): void;
}

const RUNNING_STATE = 'its memory, its programs and everything that they have not saved elsewhere';

export function confirmationOf(ref: ConfirmRef, fleet: FleetState): Confirmation | undefined {
  if (ref.what === 'remove-host') return removal(ref.hostId, fleet);
  if (ref.what === 'remove-port-group') return groupRemoval(ref.name);
  const { vmId } = ref;
  const vm = fleet.vms[vmId];
  if (!vm) return undefined;
  const { name } = vm;
  switch (ref.what) {
    case 'force-eject':
      return forcedEjection(vm, ref.drive);
    case 'power-off':
      return {
        title: `Power off ${name}?`,
        text:
          vm.power === 'crashed'
            ? `${name} has crashed. Lost: its memory and the registers that the Summary shows.`
            : `${name} stops at once, as if the plug were pulled. Lost: ${RUNNING_STATE}. To shut it down cleanly, run poweroff in its console.`,
        button: 'Power off',
        run: () => void powerOff(vmId),
      };
    case 'reset':
      return {
        title: `Reset ${name}?`,
        text: `${name} starts again as after power-on. Lost: ${RUNNING_STATE}.`,
        button: 'Reset',
        run: () => void resetVm(vmId),
      };
    case 'delete-vm':
      return {
        title: `Delete ${name}?`,
        text: `Lost: the VM ${name} with its settings${writtenTo(vm)}. The images it was made from stay.`,
        button: 'Delete',
        run: () => void deleteVm(vmId),
      };
  }
}

/** What is lost with its drives. */
function writtenTo({ drives = [] }: VmStatus): string {
  const bytes = drives.reduce((sum, { overlayBytes }) => sum + overlayBytes, 0);
  return bytes > 0 ? `, and all that it has written to its disks (${formatBytes(bytes)})` : '';
}

function forcedEjection({ id, name, drives }: VmStatus, drive: number): Confirmation {
  const medium = drives?.[drive]?.medium?.name ?? 'The medium';
  return {
    title: `Eject ${medium} by force?`,
    text: `${name} uses ${medium} and keeps the drive locked. It was asked to let it go and has not done so yet. By force it goes at once; what the guest reads from it or has not written yet is lost.`,
    button: 'Eject by force',
    run: () => void ejectMedium(id, drive, true),
  };
}

function removal(hostId: string, fleet: FleetState): Confirmation | undefined {
  const host = fleet.hosts[hostId];
  if (!host) return undefined;
  const names = (fleet.vmsOfHost[hostId] ?? []).map((id) => fleet.vms[id].name);
  return {
    title: `Remove ${host.info.name}?`,
    text:
      names.length > 0
        ? `Lost with it: ${names.join(', ')}, with everything that runs in them and all that they have written to their disks. Migrate them to another host first to keep them.`
        : 'No VM is on it, nothing is lost.',
    button: 'Remove host',
    run: () => void removeLocalHost(hostId),
  };
}

function groupRemoval(name: string): Confirmation {
  return {
    title: `Delete port group ${name}?`,
    text: `Lost: the port group ${name} with its VLAN and its policy, on every host. No VM is in it.`,
    button: 'Delete',
    run: () => void removePortGroup(name),
  };
}
