// An office: what must be done once for all nodes, such as answering DHCP. One node holds it at a time, for a term with a
// number; the next holder has a higher one.
//
// Two kinds of knowledge say who holds it, and both are needed:
// - Proof of death: the lock of a term (TermLocks) is held until its holder has certainly ended. Then the next node follows
//   at once. A frozen holder never lets go of it. Of a holder whose lock was never seen here – it is in another browser, on
//   another machine – the locks prove nothing.
// - Signs of life: a holder beats every TICK_MS. A node that has not heard it for TAKEOVER_TICKS claims the next term beside
//   the one whose lock is still held.
//
// Invariants:
// - A term's lock is given once, so no two nodes under the same locks ever have the same term. Two under different locks can,
//   when they claim at the same time: the beat of the one with the lesser id makes the other step down. It keeps the term's
//   lock meanwhile, so that no node near it takes its stepping down for the holder's end.
// - No term is claimed because its lock is free, unless it was seen held, or is known from a store that only holders under
//   these locks write. Any other holder is succeeded after a silence.
// - A holder acts (`mayAct`) only while its own last beat is at most HOLD_MS old, which is less than any other node waits: a
//   holder that was stopped and goes on cannot know that it was, but finds its beat too old, and asks for the highest
//   term before it acts or beats again. A later holder under other locks it learns of by that one's next beat.
// - What was on its way when the holder stopped carries its term, and the receiver asks `accepts`: nothing of a
//   former holder counts once a later one is known. A store keeps the number too (SupersededError).
// - No node takes over after an interruption of its own (signs-of-life.ts): when a machine wakes, the old holder goes on.

import { count, fields, identifier } from '../../base/decode.ts';
import { every, type Timebase } from '../../base/timebase.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import type { Knowledge } from './death-witness.ts';
import { SignsOfLife, TICK_MS } from './signs-of-life.ts';

/** A beat older than this does not entitle its sender to act any more, ms. */
export const HOLD_MS = 3000;
/** Ticks without a beat after which another node claims the office: never less than HOLD_MS + TICK_MS. */
export const TAKEOVER_TICKS = 5;

/**
 * Which node holds the lock of a term: Web Locks (web-locks.ts), or leases in a key-value store. They know the holders that
 * lock here; a term can be held elsewhere too, and is free here all the same.
 */
export interface TermLocks {
  /** The highest term of the office whose lock is held here; 0 if none is. */
  latest(office: string): Promise<number>;
  /** Takes a term's lock if it is free. Resolves with the function that lets go of it, or undefined if another node has it. */
  claim(office: string, term: number): Promise<(() => void) | undefined>;
  /** As DeathWitness.watch, of the term's holder: `ended` if it has ended or let go. */
  watch(office: string, term: number, onKnown: (knowledge: Knowledge) => void): () => void;
}

/** What a receiver of a holder's word asks. */
export interface Seal {
  office: string;
  term: number;
}

export function decodeSeal(value: unknown): Seal {
  const { office, term } = fields(value);
  return { office: identifier(office, 'office'), term: count(term, 'term') };
}

/** A store has been written by a later holder. */
export class SupersededError extends Error {
  override name = 'SupersededError';
  readonly term: number;

  constructor(term: number) {
    super('Another host has taken over meanwhile.');
    this.term = term;
  }
}

export interface OfficeOptions {
  /** Unique among the offices of the subnet. */
  name: string;
  subnet: Subnet;
  timebase: Timebase;
  locks: TermLocks;
  /** This node holds the office from now on, for the term of this number. */
  onElected(term: number): void;
  /** It does not any more: another has taken over, or `close` was called. Called once for each `onElected`. */
  onDeposed(): void;
}

export class Office {
  readonly #options: OfficeOptions;
  readonly #kind: MessageKind<{ term: number }>;
  readonly #undo: (() => void)[];
  /** Of the holder of the highest term known. */
  #signs: SignsOfLife;
  #term = 0;
  #release: (() => void) | undefined;
  /** Of the term that another node, under other locks, holds as well. */
  #releaseTied: (() => void) | undefined;
  #beatAt = 0;
  #claiming = false;
  #confirming = false;
  #closed = false;
  #stopWatching: () => void = () => {};

  constructor(options: OfficeOptions) {
    const { name, subnet, timebase } = options;
    this.#options = options;
    this.#signs = new SignsOfLife(timebase);
    this.#kind = { name: `office ${name}`, decode: (value) => ({ term: count(fields(value).term, 'term') }) };
    this.#undo = [
      subnet.on(this.#kind, (from, { term }) => this.#heard(from, term)),
      every(timebase, TICK_MS, () => this.#tick()),
    ];
    void this.#stand();
  }

  get name(): string {
    return this.#options.name;
  }

  /** The highest term known, this node's or another's. */
  get term(): number {
    return this.#term;
  }

  /** Is this node the holder, as far as it knows? */
  get holding(): boolean {
    return this.#release !== undefined;
  }

  /** To be asked before every act of the holder. */
  mayAct(): boolean {
    if (!this.holding) return false;
    if (this.#isFresh) return true;
    void this.#confirm();
    return false;
  }

  /** Does the word of the holder of `term` count? Not once a later one is known. */
  accepts(term: number): boolean {
    if (term > this.#term) this.#follow(term, false);
    return term >= this.#term;
  }

  /** A term that a node under the same locks had: a store that no others write names it. */
  observe(term: number): void {
    if (term > this.#term) this.#follow(term, true);
  }

  /** Steps down and does not stand again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const undo of this.#undo) undo();
    this.#stopWatching();
    this.#stepDown();
    this.#releaseFormer();
  }

  get #isFresh(): boolean {
    return this.#options.timebase.now() - this.#beatAt <= HOLD_MS;
  }

  #heard(from: string, term: number): void {
    if (term === this.#term && this.holding) {
      if (from < this.#options.subnet.nodeId) this.#yield();
    } else if (this.accepts(term)) this.#signs.heard();
  }

  #tick(): void {
    if (this.holding) {
      if (this.#isFresh) this.#beat();
      else void this.#confirm();
      return;
    }
    this.#signs.tick();
    if (this.#term === 0) void this.#stand();
    else if (this.#signs.missed >= TAKEOVER_TICKS) void this.#claim(this.#term + 1);
  }

  #beat(): void {
    // Before it goes out: the others count from when they hear it.
    this.#beatAt = this.#options.timebase.now();
    this.#options.subnet.broadcast(this.#kind, { term: this.#term });
  }

  /** Finds the holder of the office, or claims it. */
  async #stand(): Promise<void> {
    const latest = await this.#latest();
    if (latest === undefined || this.#closed || this.holding || this.#term > 0) return;
    if (latest > 0) this.#follow(latest, true);
    else await this.#claim(1);
  }

  /** Another node has this term. @param local its lock is here: if it is not held any more, the node has ended. */
  #follow(term: number, local: boolean): void {
    if (this.#closed) return;
    this.#stopWatching();
    this.#term = term;
    this.#signs = new SignsOfLife(this.#options.timebase);
    this.#stepDown();
    this.#releaseFormer();
    this.#stopWatching = this.#options.locks.watch(this.name, term, (knowledge) => {
      if (knowledge === 'ended' || (knowledge === 'unknown' && local)) void this.#claim(term + 1);
    });
  }

  /** A node under other locks has this node's term too, and keeps it. */
  #yield(): void {
    this.#releaseTied = this.#release;
    this.#release = undefined;
    this.#signs = new SignsOfLife(this.#options.timebase);
    this.#options.onDeposed();
  }

  async #claim(term: number): Promise<void> {
    if (this.#claiming || this.holding || this.#closed || term <= this.#term) return;
    this.#claiming = true;
    const askedAt = this.#options.timebase.now();
    let release: (() => void) | undefined;
    try {
      release = await this.#options.locks.claim(this.name, term);
    } catch {
      // The next tick tries again.
      return;
    } finally {
      this.#claiming = false;
    }
    if (this.#closed || this.#term >= term) release?.();
    else if (release) this.#enter(term, release, askedAt);
    else this.#follow(term, true);
  }

  /** @param askedAt before the lock was asked for: this node may have been stopped since. */
  #enter(term: number, release: () => void, askedAt: number): void {
    this.#stopWatching();
    this.#term = term;
    this.#releaseFormer();
    this.#release = release;
    this.#beatAt = askedAt;
    if (this.#isFresh) this.#beat();
    else void this.#confirm();
    this.#options.onElected(term);
  }

  /** This node was stopped for a while: does it still hold the office? */
  async #confirm(): Promise<void> {
    if (this.#confirming) return;
    this.#confirming = true;
    const askedAt = this.#options.timebase.now();
    const latest = await this.#latest();
    this.#confirming = false;
    if (latest === undefined) return;
    this.observe(latest);
    if (!this.holding) return;
    this.#beatAt = askedAt;
    // An answer that waited for this node to go on is too old as well: the next tick asks again.
    if (this.#isFresh) this.#beat();
  }

  /** Undefined if it cannot be known now: the next tick asks again. */
  #latest(): Promise<number | undefined> {
    return this.#options.locks.latest(this.name).catch(() => undefined);
  }

  #stepDown(): void {
    const release = this.#release;
    if (!release) return;
    this.#release = undefined;
    release();
    this.#options.onDeposed();
  }

  #releaseFormer(): void {
    this.#releaseTied?.();
    this.#releaseTied = undefined;
  }
}
