// What a confirmation says: always by name what is lost.

import { removeLocalHost } from '../operations/host-operations.ts';
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
  const { what, vmId } = ref;
  const vm = fleet.vms[vmId];
  if (!vm) return undefined;
  const { name } = vm;
  switch (what) {
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
        text: `${name} starts again from its kernel image. Lost: ${RUNNING_STATE}.`,
        button: 'Reset',
        run: () => void resetVm(vmId),
      };
    case 'delete-vm':
      return {
        title: `Delete ${name}?`,
        text: `Lost: the VM ${name} with its settings. The images it was made from stay.`,
        button: 'Delete',
        run: () => void deleteVm(vmId),
      };
  }
}

function removal(hostId: string, fleet: FleetState): Confirmation | undefined {
  const host = fleet.hosts[hostId];
  if (!host) return undefined;
  const names = (fleet.vmsOfHost[hostId] ?? []).map((id) => fleet.vms[id].name);
  return {
    title: `Remove ${host.info.name}?`,
    text:
      names.length > 0
        ? `Lost with it: ${names.join(', ')}, with everything that runs in them. Migrate them to another host first to keep them.`
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
