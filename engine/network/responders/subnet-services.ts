// Puts the responder on this host's switch when this host is elected to answer for the subnet, and takes it off again.
//
// Invariant: the responder hears and says nothing while its office does not let it act, and each of its frames bears the
// seal of its term: other hosts drop what a former holder sent.

import { Office, type TermLocks } from '../../cluster/office.ts';
import type { Subnet } from '../../cluster/subnet.ts';
import { every, type Timebase } from '../../cluster/timebase.ts';
import { announce } from '../announce.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { PortGroup } from '../switch/port-group.ts';
import type { VirtualSwitch } from '../switch/virtual-switch.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressConflict } from './address-conflicts.ts';
import { type FencedLeaseStore, leasesOfTerm } from './fenced-leases.ts';
import { type Lease, LeaseTable } from './lease-table.ts';
import { Responder } from './responder.ts';
import { checkPlan, type SubnetPlan } from './subnet-plan.ts';

export interface SubnetServicesOptions {
  /** Names the subnet among those of the origin. */
  subnetName: string;
  subnet: Subnet;
  plan: SubnetPlan;
  /** The network that is served. */
  group: PortGroup;
  network: VirtualSwitch;
  book: AddressBook;
  store: FencedLeaseStore;
  terms: TermLocks;
  timebase: Timebase;
  /** This host answers from now on. */
  onElected(): void;
  onProblem(detail: string): void;
}

/** Well within the 600 s that RFC 4861, 6.2.1, suggests at most. */
const ADVERTISE_MS = 200_000;

export class SubnetServices {
  readonly #options: SubnetServicesOptions;
  readonly #office: Office;
  #retire: () => void = () => {};
  #leases: LeaseTable | undefined;
  #responder: Responder | undefined;

  /** @throws RangeError for a plan whose addresses do not fit together. */
  constructor(options: SubnetServicesOptions) {
    checkPlan(options.plan);
    this.#options = options;
    const { subnetName, subnet, timebase, terms } = options;
    this.#office = new Office({
      name: `${subnetName}/responder`,
      subnet,
      timebase,
      locks: terms,
      onElected: (term) => void this.#serve(term),
      onDeposed: () => this.#retire(),
    });
  }

  get office(): Office {
    return this.#office;
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
    this.#office.close();
  }

  async #serve(term: number): Promise<void> {
    const { plan, group, network, book, timebase, onElected } = this.#options;
    const leases = await this.#openLeases(term);
    if (!this.#holds(term)) return;
    this.#leases = leases;
    const port = network.connect({
      name: 'responder',
      mac: plan.mac,
      group,
      seal: { office: this.#office.name, term },
      deliver: (frame) => !this.#office.mayAct() || responder.receive(frame),
    });
    const transmit = (frame: Frame) => {
      if (this.#office.mayAct()) network.transmit(port, frame);
    };
    const responder = new Responder({ plan, leases, book, timebase, transmit });
    this.#responder = responder;
    const stopAnnouncing = announce(plan.mac, timebase, transmit);
    const stopAdvertising = every(timebase, ADVERTISE_MS, () => responder.advertise());
    this.#retire = () => {
      this.#retire = () => {};
      this.#leases = undefined;
      this.#responder = undefined;
      stopAnnouncing();
      stopAdvertising();
      responder.stop();
      network.disconnect(port);
    };
    responder.advertise();
    onElected();
  }

  #holds(term: number): boolean {
    return this.#office.holding && this.#office.term === term;
  }

  async #openLeases(term: number): Promise<LeaseTable> {
    const { plan, book, store, timebase, onProblem } = this.#options;
    return LeaseTable.open({
      plan,
      timebase,
      store: leasesOfTerm(store, this.#office, term, timebase),
      isTaken: (address, mac) => (book.staticOwnerOf(address) ?? mac) !== mac,
      // A former holder's trouble with the store is its successor's right.
      onProblem: (detail) => this.#holds(term) && onProblem(detail),
    });
  }
}
