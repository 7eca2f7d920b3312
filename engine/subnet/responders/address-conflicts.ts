// Notices that several NICs use one address (RFC 5227 is about the same, seen from a host): when a NIC is heard with an address
// that it was not heard with last, all are asked who has it, and now and then when the address is looked up: two servers that
// only answer are not noticed otherwise. The NICs that answer use it. The question is repeated while more than one does, so
// that the end is noticed too.
//
// Invariants: nothing is called a conflict that was not answered for by two within one round; what a guest invents costs at
// most MAXIMUM_INQUIRIES questions at a time.

import type { Timebase } from '../../base/timebase.ts';

export interface AddressConflict {
  address: string;
  /** Of the NICs that use it, sorted. */
  macs: string[];
}

export interface AddressConflictsOptions {
  timebase: Timebase;
  /** Asks all NICs who has the address; what they answer comes in by `heard`. */
  ask(address: string): void;
}

/** How long answers are waited for. */
const ANSWER_MS = 1000;
/** From one question to the next while the conflict lasts. */
const AGAIN_MS = 10_000;
/** A guest that is just being moved does not answer: only so many rounds with one answer or none end a conflict. */
const ROUNDS_TO_END = 3;
/** Questions about one suspicion; an answer may get lost. */
const ROUNDS_TO_BEGIN = 2;
/** An address that is looked for is not asked about again for so long. */
const RECHECK_MS = 600_000;
const MAXIMUM_INQUIRIES = 32;
const MAXIMUM_ADDRESSES = 4096;

interface Inquiry {
  answered: Set<string>;
  /** Rounds since two answered last. */
  without: number;
  conflict?: AddressConflict;
}

export class AddressConflicts {
  readonly #options: AddressConflictsOptions;
  /** Who was heard with an address last. */
  readonly #last = new Map<string, string>();
  /** When an address was asked about last, the latest last. */
  readonly #checked = new Map<string, number>();
  readonly #inquiries = new Map<string, Inquiry>();
  #stopped = false;

  constructor(options: AddressConflictsOptions) {
    this.#options = options;
  }

  get current(): AddressConflict[] {
    return [...this.#inquiries.values()].flatMap(({ conflict }) => (conflict ? [conflict] : []));
  }

  /** A NIC says, or shows, that the address is its own. */
  heard(mac: string, address: string): void {
    const inquiry = this.#inquiries.get(address);
    if (inquiry) {
      inquiry.answered.add(mac);
      return;
    }
    const before = this.#last.get(address);
    keep(this.#last, address, mac);
    if (before !== mac) this.#inquire(address);
  }

  /** A NIC looks for the address. */
  soughtAfter(address: string): void {
    const checked = this.#checked.get(address) ?? Number.NEGATIVE_INFINITY;
    if (!this.#inquiries.has(address) && this.#options.timebase.now() - checked >= RECHECK_MS) this.#inquire(address);
  }

  stop(): void {
    this.#stopped = true;
    this.#inquiries.clear();
  }

  #inquire(address: string): void {
    if (this.#inquiries.size >= MAXIMUM_INQUIRIES) return;
    const inquiry: Inquiry = { answered: new Set(), without: 0 };
    this.#inquiries.set(address, inquiry);
    keep(this.#checked, address, this.#options.timebase.now());
    this.#round(address, inquiry);
  }

  #round(address: string, inquiry: Inquiry): void {
    const { timebase, ask } = this.#options;
    if (this.#stopped) return;
    inquiry.answered.clear();
    ask(address);
    timebase.after(ANSWER_MS, () => this.#settle(address, inquiry));
  }

  #settle(address: string, inquiry: Inquiry): void {
    if (this.#stopped) return;
    const { answered, conflict } = inquiry;
    if (answered.size > 1) {
      inquiry.conflict = { address, macs: [...answered].sort() };
      inquiry.without = 0;
    } else if (++inquiry.without >= (conflict ? ROUNDS_TO_END : ROUNDS_TO_BEGIN)) {
      this.#inquiries.delete(address);
      for (const mac of answered) this.#last.set(address, mac);
      return;
    }
    const pause = inquiry.conflict ? AGAIN_MS : 0;
    this.#options.timebase.after(pause, () => this.#round(address, inquiry));
  }
}

/** As the latest; the oldest gives way. */
function keep<Value>(map: Map<string, Value>, address: string, value: Value): void {
  map.delete(address);
  map.set(address, value);
  if (map.size > MAXIMUM_ADDRESSES) map.delete(map.keys().next().value as string);
}
