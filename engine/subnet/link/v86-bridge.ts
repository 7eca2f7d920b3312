// Joins the subnet to the network of v86's `inbrowser` backend: one Ethernet frame, as a Uint8Array, in each message on the
// BroadcastChannel `v86-inbrowser-N`. VMs of v86 in other tabs of the origin are then on our subnet.
//
// Only one host of a subnet bridges a given network (an office): two would make a loop. What waits for a host that was frozen
// meanwhile is not forwarded: its successor has done that.

import type { Timebase } from '../../base/timebase.ts';
import type { OpenPort, Subnet, SubnetPort } from '../carrier/subnet.ts';
import { type Frame, HEADER_BYTES } from '../packet/ethernet.ts';
import { Office, type TermLocks } from '../presence/office.ts';
import type { PortGroup } from '../switch/port-group.ts';
import type { SwitchPort } from '../switch/switch-port.ts';
import type { VirtualSwitch } from '../switch/virtual-switch.ts';

export interface V86BridgeOptions {
  /** Names the subnet among those of the origin. */
  subnetName: string;
  subnet: Subnet;
  timebase: Timebase;
  /** The N of the channel's name: the `id` of v86's network device. */
  networkId: number;
  network: VirtualSwitch;
  /** Which of our networks it joins: an access port group. */
  group: PortGroup;
  terms: TermLocks;
  openPort: OpenPort;
}

export class V86Bridge {
  readonly #options: V86BridgeOptions;
  readonly #office: Office;
  #channel: SubnetPort | undefined;
  #port: SwitchPort | undefined;
  /** Messages that were no frames. */
  foreign = 0;

  constructor(options: V86BridgeOptions) {
    this.#options = options;
    const { subnetName, subnet, timebase, terms } = options;
    this.#office = new Office({
      name: `${subnetName}/${channelName(options)}`,
      subnet,
      timebase,
      locks: terms,
      onElected: (term) => this.#bridge(term),
      onDeposed: () => this.#retire(),
    });
  }

  get office(): Office {
    return this.#office;
  }

  get networkId(): number {
    return this.#options.networkId;
  }

  /** Is this the host that bridges? */
  get active(): boolean {
    return this.#port !== undefined;
  }

  close(): void {
    this.#office.close();
  }

  #retire(): void {
    this.#channel?.close();
    if (this.#port) this.#options.network.disconnect(this.#port);
    this.#port = undefined;
  }

  #bridge(term: number): void {
    const { network, group, openPort } = this.#options;
    const channel = openPort(channelName(this.#options));
    const port = network.connect({
      name: channelName(this.#options),
      group,
      seal: { office: this.#office.name, term },
      deliver: (frame) => {
        // A copy of its own: cloning a view would send the whole buffer that it is a view of.
        if (this.#office.mayAct()) channel.post(frame.slice());
        return true;
      },
    });
    channel.onMessage((message) => {
      if (!(message instanceof Uint8Array) || message.length < HEADER_BYTES) this.foreign += 1;
      else if (this.#office.mayAct()) network.transmit(port, alone(message));
    });
    this.#channel = channel;
    this.#port = port;
  }
}

/** v86's NE2000 sends a view of its whole packet memory, and the clone of a view brings all of it along. */
function alone(message: Uint8Array): Frame {
  return message.length === message.buffer.byteLength ? (message as Frame) : message.slice();
}

function channelName({ networkId }: V86BridgeOptions): string {
  return `v86-inbrowser-${networkId}`;
}
