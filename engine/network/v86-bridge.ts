// Joins the subnet to the network of v86's `inbrowser` backend: one Ethernet frame, as a Uint8Array, in each message on the
// BroadcastChannel `v86-inbrowser-N`. VMs of v86 in other tabs of the origin are then on our subnet.
//
// Only one host of a subnet bridges a given network (see Election): two would make a loop.

import type { OpenPort, SubnetPort } from '../cluster/subnet.ts';
import { type Frame, HEADER_BYTES } from './packet/ethernet.ts';
import type { Election } from './responders/election.ts';
import type { PortGroup } from './switch/port-group.ts';
import type { SwitchPort } from './switch/switch-port.ts';
import type { VirtualSwitch } from './switch/virtual-switch.ts';

export interface V86BridgeOptions {
  /** Names the subnet among those of the origin. */
  subnetName: string;
  /** The N of the channel's name: the `id` of v86's network device. */
  networkId: number;
  network: VirtualSwitch;
  /** Which of our networks it joins: an access port group. */
  group: PortGroup;
  election: Election;
  openPort: OpenPort;
}

export class V86Bridge {
  readonly #options: V86BridgeOptions;
  readonly #stepDown: () => void;
  #channel: SubnetPort | undefined;
  #port: SwitchPort | undefined;
  /** Messages that were no frames. */
  foreign = 0;

  constructor(options: V86BridgeOptions) {
    this.#options = options;
    const office = `${options.subnetName}/${channelName(options)}`;
    this.#stepDown = options.election.stand(office, () => this.#bridge());
  }

  get networkId(): number {
    return this.#options.networkId;
  }

  /** Is this the host that bridges? */
  get active(): boolean {
    return this.#port !== undefined;
  }

  close(): void {
    this.#channel?.close();
    if (this.#port) this.#options.network.disconnect(this.#port);
    this.#port = undefined;
    this.#stepDown();
  }

  #bridge(): void {
    const { network, group, openPort } = this.#options;
    const channel = openPort(channelName(this.#options));
    const port = network.connect({
      name: channelName(this.#options),
      group,
      deliver: (frame) => {
        // A copy of its own: cloning a view would send the whole buffer that it is a view of.
        channel.post(frame.slice());
        return true;
      },
    });
    channel.onMessage((message) => {
      if (message instanceof Uint8Array && message.length >= HEADER_BYTES) network.transmit(port, alone(message));
      else this.foreign += 1;
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
