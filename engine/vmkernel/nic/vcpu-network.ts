// The network cards of a VM, in its vCPU's worker: joins each card to its queue (nic-queue.ts). Frames move at safe points,
// when the guest makes room, and when it sends.

import type { Nic, NicPort } from '../../pc/bus/nic.ts';
import { GuestNicQueue } from './nic-queue.ts';

export class VcpuNetwork {
  /** By index of the card: what the machine is built with. */
  readonly cables: readonly Cable[];

  /** `queues`: made by createNicQueue, by index of the card. */
  constructor(queues: readonly SharedArrayBuffer[]) {
    this.cables = queues.map((queue) => new Cable(new GuestNicQueue(queue)));
  }

  /** The machine's cards, by index. */
  connect(nics: readonly Nic[]): void {
    for (const [n, nic] of nics.entries()) this.cables[n].nic = nic;
  }

  /** At a safe point: takes in what has arrived, and lets go what waited for room. */
  poll(): void {
    for (const cable of this.cables) cable.poll();
  }

  /** For each card, what has arrived and not reached it: it belongs to the VM, and moves with it. */
  save(): Uint8Array<ArrayBuffer>[][] {
    return this.cables.map((cable) => cable.save());
  }

  restore(frames: readonly Uint8Array<ArrayBuffer>[][]): void {
    for (const [n, cable] of this.cables.entries()) cable.restore(frames[n] ?? []);
  }
}

class Cable implements NicPort {
  nic: Nic | undefined;
  readonly #queue: GuestNicQueue;
  /** Older than what is in the queue. */
  #backlog: Uint8Array<ArrayBuffer>[] = [];
  #full = false;

  constructor(queue: GuestNicQueue) {
    this.#queue = queue;
  }

  transmit(frame: Uint8Array): boolean {
    this.#full = !this.#queue.transmit(frame);
    return !this.#full;
  }

  addressChanged(mac: Uint8Array): void {
    this.#queue.setAddress(mac);
  }

  receiveReady(): void {
    const { nic } = this;
    if (!nic) return;
    let taken = 0;
    while (taken < this.#backlog.length && nic.receive(this.#backlog[taken])) taken++;
    this.#backlog.splice(0, taken);
    if (this.#backlog.length === 0) this.#queue.receive((frame) => nic.receive(frame));
  }

  poll(): void {
    if (this.#full && this.#queue.transmitReady) {
      this.#full = false;
      this.nic?.transmitReady();
    }
    this.receiveReady();
    if (this.nic) this.#queue.tellDrops(this.nic.counters);
  }

  save(): Uint8Array<ArrayBuffer>[] {
    this.#queue.receive((frame) => {
      this.#backlog.push(frame.slice());
      return true;
    });
    return [...this.#backlog];
  }

  restore(frames: readonly Uint8Array<ArrayBuffer>[]): void {
    this.#backlog = [...frames];
  }
}
