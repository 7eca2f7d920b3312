// The one word for how a VM is: its power state, unless its guest is done for while the VM is on.
import type { GuestCondition, PowerState, VmStatus } from '../../workers/api.ts';

export type VmState = PowerState | GuestCondition['kind'];

/** What a card, a table or the inventory shows. */
export function stateOf({ power, guest }: Pick<VmStatus, 'power' | 'guest'>): VmState {
  return power === 'running' && guest ? guest.kind : power;
}
