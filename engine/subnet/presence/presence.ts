// Who is on the subnet. Every node announces itself once a second; it is gone when it says goodbye, when its life lock was
// seen held and is released (death-witness.ts), or, for a node whose lock is not seen here, when it has been silent for
// MISSED_ANNOUNCEMENTS ticks.
//
// Invariants:
// - A node whose death would be certain is never gone for silence; its silence is reported (`onSilence`).
// - `certain` is true only if the node can never act again. Silence alone is never certain: the node may be frozen, and thaw.
//   So a node is gone once for silence, uncertainly, and may then come back, or be certainly gone by what is heard later.
// - Silence is counted in this node's own ticks. If this node itself was held up, what queued meanwhile is heard before the
//   next tick, and no node is declared dead for it. A node is therefore never gone for silence sooner than SILENCE_MS after
//   its last sign of life arrived here; the commit of a live migration rests on that.
// - A node that comes back under its id with another start time is another node: the old one is gone first.

import { type Decoder, fields, flag, identifier, oneOf, quantity, text } from '../../base/decode.ts';
import { objectName } from '../../base/object-name.ts';
import { every, type Timebase } from '../../base/timebase.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import type { DeathWitness, Knowledge } from './death-witness.ts';
import { decodeLink, hostMemory } from './host-settings.ts';
import { SILENT_TICKS, TICK_MS } from './signs-of-life.ts';

const ANNOUNCE_MS = TICK_MS;
const MISSED_ANNOUNCEMENTS = 4;
/** The shortest silence after which a node can be declared gone. */
export const SILENCE_MS = (MISSED_ANNOUNCEMENTS - 1) * ANNOUNCE_MS;
/** Nodes can be invented: so many that fell silent are remembered, the latest. */
const MAXIMUM_MISSING = 256;

/** What a host announces about itself. */
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
  /** User-facing message. */
  reason: string;
}

interface Announcement extends NodeDescription {
  /** It holds its life lock: a node that sees the lock held takes only its release for the node's death. */
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
      witnessed: node.witnessed !== undefined && flag(node.witnessed, 'witnessed'),
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
  /** Undefined until the witness has looked. */
  knowledge?: Knowledge;
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
  /** Nodes that fell silent and are not known to have ended: id to start time. */
  readonly #missing = new Map<string, number>();
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
        this.#end(from, reason === 'closed' ? 'It was shut down or its tab was closed.' : 'It failed.'),
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

  /** Announces a change to the others, for instance of the link. */
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

  /** Leaves the subnet with a goodbye. The caller lets no VM run afterwards: the others rely on that. */
  stop(reason: 'closed' | 'failed' = 'closed'): void {
    if (!this.#running) return;
    this.#running = false;
    for (const undo of this.#undo.splice(0)) undo();
    for (const neighbour of this.#neighbours.values()) neighbour.stopWatching();
    this.#neighbours.clear();
    this.#missing.clear();
    this.#subnet.broadcast(GOODBYE, { reason });
  }

  #announce(answer: boolean): void {
    this.#subnet.broadcast(ANNOUNCE, { ...this.#self, witnessed: this.#holdsLifeLock, answer });
  }

  #tick(): void {
    this.#announce(false);
    for (const [id, neighbour] of this.#neighbours) {
      neighbour.missed += 1;
      const canBeKnown = neighbour.knowledge === 'held' || neighbour.knowledge === 'ended';
      if (!canBeKnown && neighbour.missed >= MISSED_ANNOUNCEMENTS) this.#lose(id, neighbour);
      else if (neighbour.missed >= SILENT_TICKS) {
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
    const { startedAt } = description;
    const former = this.#neighbours.get(from)?.description.startedAt ?? this.#missing.get(from);
    if (former !== undefined && former !== startedAt) this.#end(from, 'It was restarted.');
    this.#missing.delete(from);
    const known = this.#neighbours.get(from);
    if (!known) {
      const neighbour: Neighbour = { description, witnessed, missed: 0, stopWatching: () => {} };
      this.#neighbours.set(from, neighbour);
      if (witnessed) this.#watch(neighbour);
      // The newcomer should not have to wait for the next tick to see this node.
      if (!answer) this.#announce(true);
      this.#notifyAppeared(description);
      return;
    }
    const changed = JSON.stringify(known.description) !== JSON.stringify(description);
    known.description = description;
    // It answered an announcement before it had its life lock.
    if (witnessed && !known.witnessed) {
      known.witnessed = true;
      this.#watch(known);
    }
    if (changed) this.#notifyAppeared(description);
  }

  #watch(neighbour: Neighbour): void {
    const { id } = neighbour.description;
    const stop = this.#witness?.watch(lifeOf(neighbour.description), (knowledge) => {
      neighbour.knowledge = knowledge;
      if (knowledge !== 'ended') return;
      // What the node posted before it died may still be on its way: let it arrive first.
      this.#timebase.after(ANNOUNCE_MS / 4, () => {
        if (this.#neighbours.get(id) === neighbour) this.#end(id, 'Its tab was closed.');
      });
    });
    if (stop) neighbour.stopWatching = stop;
  }

  /** It is silent, and this node cannot know whether it will go on. */
  #lose(id: string, neighbour: Neighbour): void {
    neighbour.stopWatching();
    this.#neighbours.delete(id);
    this.#missing.set(id, neighbour.description.startedAt);
    if (this.#missing.size > MAXIMUM_MISSING) this.#missing.delete(this.#missing.keys().next().value!);
    this.#notifyGone({ id, certain: false, reason: 'It has not been heard from for some seconds.' });
  }

  /** It can never act again. */
  #end(id: string, reason: string): void {
    const neighbour = this.#neighbours.get(id);
    if (!neighbour && !this.#missing.has(id)) return;
    neighbour?.stopWatching();
    this.#neighbours.delete(id);
    this.#missing.delete(id);
    this.#notifyGone({ id, certain: true, reason });
  }

  #notifyGone(departure: Departure): void {
    for (const listener of [...this.#gone]) listener(departure);
  }

  #notifyAppeared(node: NodeDescription): void {
    for (const listener of [...this.#appeared]) listener(node);
  }
}

/** Names one life of a node; without a start time, what the names of all its lives begin with. */
export function lifeOf(node: { id: string; startedAt: number | '' }): string {
  return `tabvisor/node/${node.id}/${node.startedAt}`;
}
