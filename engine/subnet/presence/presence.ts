// Who is on the subnet. Every node announces itself once a second; it is gone when it says goodbye, when its life lock is
// released (see DeathWitness), or, for a node without one, when it has been silent for MISSED_ANNOUNCEMENTS ticks.
//
// Invariants:
// - A node whose death would be certain is never gone for silence, but it is told who is silent (`onSilence`).
// - `certain` is true only if the node can never act again. Silence alone is never certain: the node may be frozen, and thaw.
// - Silence is counted in this node's own ticks. If this node itself was held up, what queued meanwhile is heard before the
//   next tick, and nobody is declared dead for it. A node is therefore never gone for silence sooner than SILENCE_MS after
//   its last sign of life arrived here; the commit of a live migration rests on that.
// - A node that comes back under its id with another start time is another node: the old one is gone first.

import { type Decoder, fields, flag, identifier, oneOf, quantity, text } from '../../base/decode.ts';
import { objectName } from '../../base/object-name.ts';
import { every, type Timebase } from '../../base/timebase.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import { decodeLink, hostMemory } from './host-settings.ts';
import { SILENT_TICKS, TICK_MS } from './signs-of-life.ts';

const ANNOUNCE_MS = TICK_MS;
const MISSED_ANNOUNCEMENTS = 4;
/** The shortest silence after which a node can be declared gone. */
export const SILENCE_MS = (MISSED_ANNOUNCEMENTS - 1) * ANNOUNCE_MS;

/** What a host tells about itself. */
export interface HostDescription {
  id: string;
  name: string;
  memoryMiB: number;
  /** Mbit/s (0 = unlimited), one-way ms, share of frames lost (0..1), ms. */
  link: { bandwidthMbits: number; latencyMs: number; loss: number; jitterMs: number };
  /** Which browser tab it lives in: equal for hosts of one tab. */
  tabId: string;
  /** ms since the epoch. */
  startedAt: number;
}

/** A host, or a console that controls hosts. */
export interface NodeDescription {
  id: string;
  /** With `id` it names one life of a node. */
  startedAt: number;
  host?: HostDescription;
}

export interface Departure {
  id: string;
  certain: boolean;
  /** For a person. */
  reason: string;
}

/** Perfect knowledge of a node's death, where the platform has it (Web Locks: web-locks.ts). */
export interface DeathWitness {
  /** Takes the life lock of this node; it is held until the worker or tab ends, however it ends. */
  hold(life: string): Promise<void>;
  /** Calls back when the holder of `life` is certainly gone. Returns the function that stops watching. */
  watch(life: string, onGone: () => void): () => void;
}

interface Announcement extends NodeDescription {
  /** Its life lock is held: judge its death by that alone. */
  witnessed: boolean;
}

const decodeHost: Decoder<HostDescription> = (value) => {
  const host = fields(value);
  return {
    id: identifier(host.id, 'id'),
    name: objectName(host.name, 'name'),
    memoryMiB: hostMemory(host.memoryMiB),
    link: decodeLink(host.link),
    tabId: text(host.tabId, 'tabId'),
    startedAt: quantity(host.startedAt, 'startedAt'),
  };
};

const ANNOUNCE: MessageKind<Announcement & { answer: boolean }> = {
  name: 'announce',
  decode(value) {
    const node = fields(value);
    return {
      id: identifier(node.id, 'id'),
      startedAt: quantity(node.startedAt, 'startedAt'),
      ...(node.host !== undefined && { host: decodeHost(node.host) }),
      witnessed: flag(node.witnessed, 'witnessed'),
      answer: flag(node.answer, 'answer'),
    };
  },
};

const GOODBYE: MessageKind<{ reason: 'closed' | 'failed' }> = {
  name: 'goodbye',
  decode: (value) => ({ reason: oneOf(fields(value).reason, ['closed', 'failed'], 'reason') }),
};

interface Neighbour {
  description: NodeDescription;
  witnessed: boolean;
  missed: number;
  stopWatching: () => void;
}

export interface PresenceOptions {
  subnet: Subnet;
  timebase: Timebase;
  self: NodeDescription;
  witness?: DeathWitness;
}

export class Presence {
  readonly #subnet: Subnet;
  readonly #timebase: Timebase;
  readonly #witness: DeathWitness | undefined;
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #appeared = new Set<(node: NodeDescription) => void>();
  readonly #gone = new Set<(departure: Departure) => void>();
  readonly #silent = new Set<(id: string, ms: number) => void>();
  readonly #undo: (() => void)[] = [];
  #self: NodeDescription;
  #holdsLifeLock = false;
  #running = false;

  constructor(options: PresenceOptions) {
    this.#subnet = options.subnet;
    this.#timebase = options.timebase;
    this.#witness = options.witness;
    this.#self = options.self;
  }

  /** Joins the subnet. With a witness it resolves when the life lock is held and the first announcement is out. */
  async start(): Promise<void> {
    this.#running = true;
    this.#undo.push(
      this.#subnet.on(ANNOUNCE, (from, body) => this.#hear(from, body)),
      this.#subnet.on(GOODBYE, (from, { reason }) =>
        this.#depart(from, true, reason === 'closed' ? 'It was shut down or its tab was closed.' : 'It failed.'),
      ),
      this.#subnet.onHeard((from) => {
        const neighbour = this.#neighbours.get(from);
        if (neighbour) neighbour.missed = 0;
      }),
    );
    if (this.#witness) {
      await this.#witness.hold(lifeOf(this.#self));
      this.#holdsLifeLock = true;
    }
    if (!this.#running) return;
    this.#undo.push(every(this.#timebase, ANNOUNCE_MS, () => this.#tick()));
    this.#announce(false);
  }

  /** Tells the others about a change, for instance of the link. */
  update(host: HostDescription): void {
    this.#self = { ...this.#self, host };
    if (this.#running) this.#announce(false);
  }

  /** The other nodes present. */
  nodes(): NodeDescription[] {
    return [...this.#neighbours.values()].map((neighbour) => neighbour.description);
  }

  find(id: string): NodeDescription | undefined {
    return this.#neighbours.get(id)?.description;
  }

  /** Called when a node joins and when its description changes; not for nodes already here. */
  onAppeared(listener: (node: NodeDescription) => void): () => void {
    this.#appeared.add(listener);
    return () => this.#appeared.delete(listener);
  }

  onGone(listener: (departure: Departure) => void): () => void {
    this.#gone.add(listener);
    return () => this.#gone.delete(listener);
  }

  /**
   * Called at each tick for each node that has not been heard for SILENT_TICKS or more. `ms` counts this node's own ticks,
   * each once however late it came.
   */
  onSilence(listener: (id: string, ms: number) => void): () => void {
    this.#silent.add(listener);
    return () => this.#silent.delete(listener);
  }

  /** Leaves the subnet with a goodbye. Whoever calls this lets no VM run afterwards: the others take it for certain. */
  stop(reason: 'closed' | 'failed' = 'closed'): void {
    if (!this.#running) return;
    this.#running = false;
    for (const undo of this.#undo.splice(0)) undo();
    for (const neighbour of this.#neighbours.values()) neighbour.stopWatching();
    this.#neighbours.clear();
    this.#subnet.broadcast(GOODBYE, { reason });
  }

  #announce(answer: boolean): void {
    this.#subnet.broadcast(ANNOUNCE, { ...this.#self, witnessed: this.#holdsLifeLock, answer });
  }

  #tick(): void {
    this.#announce(false);
    for (const [id, neighbour] of this.#neighbours) {
      neighbour.missed += 1;
      const watched = neighbour.witnessed && this.#witness !== undefined;
      if (!watched && neighbour.missed >= MISSED_ANNOUNCEMENTS) {
        this.#depart(id, false, 'It has not been heard from for some seconds.');
      } else if (neighbour.missed >= SILENT_TICKS) {
        for (const listener of [...this.#silent]) listener(id, neighbour.missed * ANNOUNCE_MS);
      }
    }
  }

  #hear(from: string, announcement: Announcement & { answer: boolean }): void {
    const { answer, witnessed, ...description } = announcement;
    if (description.id !== from) {
      this.#subnet.reportProblem('A node announced another node', `${from} announced ${description.id}.`);
      return;
    }
    const known = this.#neighbours.get(from);
    if (known && known.description.startedAt !== description.startedAt) {
      this.#depart(from, true, 'It was restarted.');
    } else if (known) {
      const changed = JSON.stringify(known.description) !== JSON.stringify(description);
      known.description = description;
      // It answered an announcement before it had its life lock.
      if (witnessed && !known.witnessed) {
        known.witnessed = true;
        known.stopWatching = this.#watch(description);
      }
      if (changed) this.#notifyAppeared(description);
      return;
    }
    const stopWatching = witnessed ? this.#watch(description) : () => {};
    this.#neighbours.set(from, { description, witnessed, missed: 0, stopWatching });
    // The newcomer should not have to wait for the next tick to see this node.
    if (!answer) this.#announce(true);
    this.#notifyAppeared(description);
  }

  #watch(node: NodeDescription): () => void {
    const watch = this.#witness?.watch(lifeOf(node), () => {
      // What the node posted before it died may still be on its way: let it arrive first.
      this.#timebase.after(ANNOUNCE_MS / 4, () => {
        const neighbour = this.#neighbours.get(node.id);
        if (neighbour?.description.startedAt === node.startedAt) this.#depart(node.id, true, 'Its tab was closed.');
      });
    });
    return watch ?? (() => {});
  }

  #depart(id: string, certain: boolean, reason: string): void {
    const neighbour = this.#neighbours.get(id);
    if (!neighbour) return;
    neighbour.stopWatching();
    this.#neighbours.delete(id);
    for (const listener of [...this.#gone]) listener({ id, certain, reason });
  }

  #notifyAppeared(node: NodeDescription): void {
    for (const listener of [...this.#appeared]) listener(node);
  }
}

/** Names one life of a node; without a start time, what the names of all its lives begin with. */
export function lifeOf(node: { id: string; startedAt: number | '' }): string {
  return `tabvisor/node/${node.id}/${node.startedAt}`;
}
