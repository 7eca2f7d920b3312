// The one word for how a VM is: its power state, unless its guest is done for while the VM is on, or its host is silent.
import type { GuestCondition, PowerState, VmStatus } from '../../engine/host/api.ts';
import { type FleetState, silenceOf } from './fleet.ts';

export type VmState = PowerState | GuestCondition['kind'] | 'unknown';

/** What a card, a table or the inventory shows. */
export function stateOf(vm: Pick<VmStatus, 'power' | 'guest' | 'hostId'>, fleet: FleetState): VmState {
  if (silenceOf(fleet, vm.hostId)) return 'unknown';
  const { power, guest } = vm;
  return power === 'running' && guest ? guest.kind : power;
}
