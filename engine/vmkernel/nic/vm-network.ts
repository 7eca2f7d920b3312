// The network cards of a VM, in the host's worker: one queue each, between the vCPU's worker and whatever the host connects
// it to (a virtual switch), and what happens at that connection while the VM moves (guest-port.ts has the reasoning).

import type { NicSpec, VmSpec } from '../spec/spec.ts';
import { HostNicQueue } from './nic-queue.ts';

/**
 * A card's connection to the host's network. At a migration's source: `hold` before the vCPU stops, then `resume` or
 * `handOver`; at its target: `accept`.
 */
export interface NicCable {
  /** Keeps what comes for the guest from now on. What it returns is structured-cloneable and for the target's `accept`. */
  hold(): unknown;
  /** The VM stays: gives the guest what was kept. Does nothing if nothing is held. */
  resume(): void;
  /** The VM is the target's: sends after it what the guest still sent and what only this host kept, and disconnects. */
  handOver(): void;
  /**
   * Checks what the source's `hold` returned. The function it returns is called when the VM, which was expected, runs here
   * from now on. Throws DecodeError.
   */
  accept(point: unknown): () => void;
  /** The last call, unless that was `handOver`; before the vCPU ends. */
  disconnect(): void;
}

export interface VmNetwork {
  /**
   * A card has been created: its VM starts here or, `arriving`, is expected from another host and runs later. The
   * implementation runs the queue. Throws an Error with a user-facing message if the card cannot be connected.
   */
  connect(vm: VmSpec, nic: NicSpec, queue: HostNicQueue, arriving: boolean): NicCable;
}

/** All cards of a VM. */
export class VmCables {
  #cables: NicCable[] = [];

  /**
   * The host's ends of the queues, connected. `queues`: by index of the card. `cpu`: machine address of the CPU block.
   * Throws as VmNetwork.connect.
   */
  connect(
    network: VmNetwork,
    vm: VmSpec,
    queues: readonly SharedArrayBuffer[],
    at: { memory: WebAssembly.Memory; cpu: number; arriving: boolean },
  ): void {
    try {
      for (const [n, nic] of (vm.nics ?? []).entries()) {
        const queue = new HostNicQueue(queues[n], at.memory, at.cpu);
        this.#cables.push(network.connect(vm, nic, queue, at.arriving));
      }
    } catch (error) {
      this.disconnect();
      throw error;
    }
  }

  hold(): unknown[] {
    return this.#cables.map((cable) => cable.hold());
  }

  resume(): void {
    for (const cable of this.#cables) cable.resume();
  }

  handOver(): void {
    for (const cable of this.#cables.splice(0)) cable.handOver();
  }

  /** As NicCable.accept, for all cards. @param points one for each card. */
  accept(points: readonly unknown[]): () => void {
    const activations = this.#cables.map((cable, n) => cable.accept(points[n]));
    return () => {
      for (const activate of activations) activate();
    };
  }

  disconnect(): void {
    for (const cable of this.#cables.splice(0)) cable.disconnect();
  }
}
