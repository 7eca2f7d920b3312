// Puts the responder on this host's switch when this host is elected to answer for the subnet, and takes it off again.
//
// Invariant: the responder hears and says nothing while its office does not let it act, and each of its frames bears the
// seal of its term: other hosts drop what a former holder sent.

import { every, type Timebase } from '../../base/timebase.ts';
import type { Subnet } from '../carrier/subnet.ts';
import { announce } from '../link/announce.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { Lives } from '../presence/lives.ts';
import { Office, type TermLocks } from '../presence/office.ts';
import type { PortGroup } from '../switch/port-group.ts';
import type { VirtualSwitch } from '../switch/virtual-switch.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressConflict } from './address-conflicts.ts';
import type { CardRegistry } from './card-registry.ts';
import { type FencedLeaseStore, leasesOfTerm } from './fenced-leases.ts';
import { LeaseReclaimer } from './lease-reclaimer.ts';
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
  cards: CardRegistry;
  lives: Lives;
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
  #reclaimer: LeaseReclaimer | undefined;
  #plan: SubnetPlan;

  /** @throws RangeError for a plan whose addresses do not fit together. */
  constructor(options: SubnetServicesOptions) {
    this.#plan = checkPlan(options.plan);
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

  get plan(): SubnetPlan {
    return this.#plan;
  }

  /** Answers by another plan from now on; leases stay as far as it has their addresses. @throws RangeError as checkPlan */
  set plan(plan: SubnetPlan) {
    this.#plan = checkPlan(plan);
    if (!this.#leases) return;
    const { term } = this.#office;
    const { saved } = this.#leases;
    this.#retire();
    void saved.then(() => this.#serve(term));
  }

  /** What is leased now, when this host answers. */
  get leases(): Lease[] | undefined {
    return this.#leases?.current;
  }

  /** How much of the pool is left, and how many requests found it empty. */
  get room(): { size: number; free: number; unanswered: number } | undefined {
    return this.#leases && { ...this.#leases.room, unanswered: this.#leases.unanswered };
  }

  /** Hosts have said what cards there are. `deleted`: those of VMs that were deleted. */
  cardsChanged(deleted: readonly string[]): void {
    this.#reclaimer?.deleted(deleted);
    this.#reclaimer?.sweep();
  }

  /** As LeaseReclaimer. @throws Error with a user-facing message when another host answers. */
  async releaseUnused(): Promise<number> {
    if (!this.#reclaimer) throw new Error('This host does not give out the addresses now: another one does.');
    return this.#reclaimer.releaseUnused();
  }

  /** Addresses that several NICs use, as far as this host has to know: when it answers. */
  get conflicts(): AddressConflict[] {
    return this.#responder?.conflicts ?? [];
  }

  stop(): void {
    this.#office.close();
  }

  async #serve(term: number): Promise<void> {
    const { group, network, book, cards, lives, timebase, onElected } = this.#options;
    const plan = this.#plan;
    const leases = await this.#openLeases(term, plan);
    if (!this.#holds(term)) return;
    if (plan !== this.#plan) {
      void this.#serve(term);
      return;
    }
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
    const responder = new Responder({
      plan,
      leases,
      book,
      timebase,
      transmit,
      onHeard: (mac, address) => reclaimer.heard(mac, address),
    });
    const reclaimer = new LeaseReclaimer({
      leases,
      cards,
      lives,
      timebase,
      ask: (address) => responder.ask(address),
      onReleased: ({ mac, address }) => {
        if (book.ownerOf(address) === mac) book.forgetAddress(address);
      },
    });
    this.#responder = responder;
    this.#reclaimer = reclaimer;
    const stopAnnouncing = announce(plan.mac, timebase, transmit);
    const stopAdvertising = every(timebase, ADVERTISE_MS, () => responder.advertise());
    this.#retire = () => {
      this.#retire = () => {};
      this.#leases = undefined;
      this.#responder = undefined;
      this.#reclaimer = undefined;
      stopAnnouncing();
      stopAdvertising();
      responder.stop();
      reclaimer.stop();
      network.disconnect(port);
    };
    responder.advertise();
    onElected();
  }

  #holds(term: number): boolean {
    return this.#office.holding && this.#office.term === term;
  }

  async #openLeases(term: number, plan: SubnetPlan): Promise<LeaseTable> {
    const { book, store, timebase, onProblem } = this.#options;
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
