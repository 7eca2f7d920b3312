// Puts the responder on this host's switch when this host is elected to answer for the subnet, and takes it off again.

import { every, type Timebase } from '../../cluster/timebase.ts';
import { announce } from '../announce.ts';
import type { PortGroup } from '../switch/port-group.ts';
import type { VirtualSwitch } from '../switch/virtual-switch.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressConflict } from './address-conflicts.ts';
import type { Election } from './election.ts';
import { type Lease, type LeaseStore, LeaseTable } from './lease-table.ts';
import { Responder } from './responder.ts';
import { checkPlan, type SubnetPlan } from './subnet-plan.ts';

export interface SubnetServicesOptions {
  /** Names the subnet among those of the origin. */
  subnetName: string;
  plan: SubnetPlan;
  /** The network that is served. */
  group: PortGroup;
  network: VirtualSwitch;
  book: AddressBook;
  store: LeaseStore;
  election: Election;
  timebase: Timebase;
  /** This host answers from now on. */
  onElected(): void;
  onProblem(detail: string): void;
}

/** Well within the 600 s that RFC 4861, 6.2.1, suggests at most. */
const ADVERTISE_MS = 200_000;

export class SubnetServices {
  readonly #options: SubnetServicesOptions;
  readonly #stepDown: () => void;
  #retire: () => void = () => {};
  #stopped = false;
  #leases: LeaseTable | undefined;
  #responder: Responder | undefined;

  /** @throws RangeError for a plan whose addresses do not fit together. */
  constructor(options: SubnetServicesOptions) {
    checkPlan(options.plan);
    this.#options = options;
    this.#stepDown = options.election.stand(`${options.subnetName}/responder`, () => void this.#serve());
  }

  /** What is leased now, when this host answers. */
  get leases(): Lease[] | undefined {
    return this.#leases?.current;
  }

  /** Addresses that several NICs use, as far as this host has to know: when it answers. */
  get conflicts(): AddressConflict[] {
    return this.#responder?.conflicts ?? [];
  }

  stop(): void {
    this.#stopped = true;
    this.#retire();
    this.#stepDown();
  }

  async #serve(): Promise<void> {
    const { plan, group, network, book, store, timebase, onElected, onProblem } = this.#options;
    const isTaken = (address: string, mac: string) => (book.staticOwnerOf(address) ?? mac) !== mac;
    const leases = await LeaseTable.open({ plan, timebase, store, isTaken, onProblem });
    if (this.#stopped) return;
    this.#leases = leases;
    const port = network.connect({
      name: 'responder',
      mac: plan.mac,
      group,
      deliver: (frame) => responder.receive(frame),
    });
    const responder = new Responder({
      plan,
      leases,
      book,
      timebase,
      transmit: (frame) => network.transmit(port, frame),
    });
    this.#responder = responder;
    const stopAnnouncing = announce(plan.mac, timebase, (frame) => network.transmit(port, frame));
    const stopAdvertising = every(timebase, ADVERTISE_MS, () => responder.advertise());
    this.#retire = () => {
      stopAnnouncing();
      stopAdvertising();
      responder.stop();
      network.disconnect(port);
    };
    responder.advertise();
    onElected();
  }
}
