// What a VM's guest has printed, on COM1 and elsewhere.

import { type MachineSpec, outputChannels } from '../spec/machine-spec.ts';
import { SerialHistory } from './serial-history.ts';

export class VmOutput {
  readonly com1 = new SerialHistory();
  /** Elsewhere than on COM1, by channel. Kept by this host: it does not move with the VM. */
  readonly channels: ReadonlyMap<string, SerialHistory>;
  /** Bytes sent to them so far, those that nobody keeps included. */
  #elsewhere = 0;

  constructor(machine: MachineSpec) {
    this.channels = new Map(outputChannels(machine).map((channel) => [channel, new SerialHistory()]));
  }

  /** Bytes sent anywhere so far. */
  get total(): number {
    return this.com1.end + this.#elsewhere;
  }

  append(channel: string, bytes: Uint8Array): void {
    this.#elsewhere += bytes.length;
    this.channels.get(channel)?.append(bytes);
  }

  markPowerOn(): void {
    for (const history of [this.com1, ...this.channels.values()]) history.markPowerOn();
  }
}
