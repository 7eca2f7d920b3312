// The network cards of a VM, in the host's worker: one queue each, between the vCPU's worker and whatever the host connects
// it to (a virtual switch).

import { macBytes } from '../network/packet/address.ts';
import { createNicQueue, HostNicQueue } from './nic-queue.ts';
import type { NicSpec, VmSpec } from './spec.ts';
import type { NicSetup } from './vcpu-network.ts';

export interface VmNetwork {
  /**
   * A card has come into being: its VM starts here or, `arriving`, is expected from another host and runs later. Whoever
   * implements it runs the queue; the function it returns is called once, before the vCPU ends.
   */
  connect(vm: VmSpec, nic: NicSpec, queue: HostNicQueue, arriving: boolean): () => void;
}

/** Queues for the cards, as the vCPU's worker is given them. */
export function createNics(nics: readonly NicSpec[]): NicSetup[] {
  return nics.map(({ model, mac }) => ({ model, mac: macBytes(mac), queue: createNicQueue() }));
}

/** The host's ends of the queues, connected. `cpu`: machine address of the CPU block. Returns what disconnects them all. */
export function connectNics(
  network: VmNetwork,
  vm: VmSpec,
  setups: readonly NicSetup[],
  at: { memory: WebAssembly.Memory; cpu: number; arriving: boolean },
): () => void {
  const disconnects = (vm.nics ?? []).map((nic, n) =>
    network.connect(vm, nic, new HostNicQueue(setups[n].queue, at.memory, at.cpu), at.arriving),
  );
  return () => {
    for (const disconnect of disconnects) disconnect();
  };
}
