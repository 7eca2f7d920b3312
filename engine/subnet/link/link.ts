// A host's modelled uplink: bandwidth and latency. Everything a host sends leaves through it, in flows (a migration, the
// guests' frames). It is a virtual transmitter: `#freeAt` is when the last accepted bit will have left.
//
// Invariants:
// - Over any long time no more than the bandwidth leaves. Timers are coarse (1 ms, 4 ms when nested): up to AHEAD_MS of
//   traffic goes before its time, and a pause of less than BEHIND_MS counts as a timer that came late, and is made up for.
// - Flows that have something to send share what the reservations leave in equal parts, in quanta of about 1 ms: start-time
//   fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996). A flow with a reservation gets at least that (virtual clock; Zhang,
//   SIGCOMM 1990) and leaves to the others what it does not use.
// - Within a flow, messages are delivered in order, `latencyMs` after their last bit has left. A latency under 1 ms adds
//   nothing: the real channel takes as long.

import { type Deferred, deferred } from '../../base/deferred.ts';
import type { Timebase } from '../../base/timebase.ts';
import type { Carrier } from '../carrier/carrier.ts';
import { OrderedDelivery } from './ordered-delivery.ts';
import { ThroughputMeter } from './throughput-meter.ts';

export interface LinkSettings {
  /** Mbit/s of the modelled uplink; 0 = as fast as the channel goes. */
  bandwidthMbits: number;
  /** One-way latency in ms. */
  latencyMs: number;
}

/** What a flow carries. */
type Traffic = 'guests' | 'migrations';

/** Since the host started, and over the last second. */
export interface MigrationTraffic {
  sentBytes: number;
  sentMbits: number;
  receivedBytes: number;
  receivedMbits: number;
}

/** Bytes since the start, and the rate now. */
class TrafficMeter {
  bytes = 0;
  readonly #meter: ThroughputMeter;

  constructor(timebase: Timebase) {
    this.#meter = new ThroughputMeter(timebase);
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.#meter.add(bytes);
  }

  mbits(): number {
    return this.#meter.mbits();
  }
}

const AHEAD_MS = 2;
const BEHIND_MS = 10;

export interface Flow extends Carrier {
  /** Mbit/s over the last second. */
  throughputMbits(): number;
  /** Gives the flow's share back. What is queued still leaves. */
  close(): void;
}

interface Transmission {
  /** Bytes not yet on the wire. */
  left: number;
  sent: Deferred<void>;
  deliver: () => void;
}

export class Link {
  readonly #timebase: Timebase;
  #settings: LinkSettings;
  readonly #flows = new Set<LinkFlow>();
  readonly #meter: ThroughputMeter;
  readonly #sent: Record<Traffic, TrafficMeter>;
  readonly #migrationsReceived: TrafficMeter;
  /** When the transmitter has sent all it accepted, ms. */
  #freeAt = 0;
  /** Virtual time of the fair queue, bytes. */
  #virtual = 0;
  #serving = false;

  constructor(settings: LinkSettings, timebase: Timebase) {
    this.#settings = checked(settings);
    this.#timebase = timebase;
    this.#meter = new ThroughputMeter(timebase);
    this.#sent = { guests: new TrafficMeter(timebase), migrations: new TrafficMeter(timebase) };
    this.#migrationsReceived = new TrafficMeter(timebase);
  }

  get settings(): LinkSettings {
    return this.#settings;
  }

  /** Takes effect with the next quantum. @throws RangeError for negative or non-finite values. */
  set settings(settings: LinkSettings) {
    this.#settings = checked(settings);
    this.#freeAt = Math.min(this.#freeAt, this.#timebase.now() + AHEAD_MS);
  }

  /** @param reserved share of the bandwidth, 0..1, that this flow gets even when all others want to send. */
  openFlow(reserved = 0, traffic: Traffic = 'migrations'): Flow {
    const flow = new LinkFlow(this, this.#timebase, reserved, this.#sent[traffic]);
    this.#flows.add(flow);
    return flow;
  }

  /** Something came from another host; what a guest's frames bring is counted by the uplink. */
  arrived(bytes: number): void {
    this.#migrationsReceived.add(bytes);
  }

  /** Migrations in both directions. */
  get migrations(): MigrationTraffic {
    const sent = this.#sent.migrations;
    const received = this.#migrationsReceived;
    return {
      sentBytes: sent.bytes,
      sentMbits: sent.mbits(),
      receivedBytes: received.bytes,
      receivedMbits: received.mbits(),
    };
  }

  /** Mbit/s of all flows over the last second. */
  throughputMbits(): number {
    return this.#meter.mbits();
  }

  /** Bytes that leave before another flow may have its turn: 1 ms worth, but at least an Ethernet frame. */
  get #quantum(): number {
    const { bandwidthMbits } = this.#settings;
    return bandwidthMbits === 0 ? Number.POSITIVE_INFINITY : Math.max(1518, bandwidthMbits * 125);
  }

  /** For flows: something was queued. */
  wake(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#serve();
  }

  /** For flows: virtual time now, from which a flow that begins to send competes. */
  get virtual(): number {
    return this.#virtual;
  }

  /** For flows: when a bit accepted now would leave, ms. */
  get horizon(): number {
    const now = this.#timebase.now();
    return now - this.#freeAt < BEHIND_MS ? this.#freeAt : now;
  }

  forget(flow: LinkFlow): void {
    this.#flows.delete(flow);
  }

  #serve(): void {
    for (let flow = this.#select(); flow; flow = this.#select()) {
      const now = this.#timebase.now();
      const ahead = this.#freeAt - now;
      if (ahead >= AHEAD_MS) {
        this.#timebase.after(ahead, () => this.#serve());
        return;
      }
      this.#transmit(flow, now);
    }
    this.#serving = false;
  }

  #transmit(flow: LinkFlow, now: number): void {
    const transmission = flow.queue[0];
    const bytes = Math.min(this.#quantum, transmission.left);
    const { bandwidthMbits } = this.#settings;
    const wireMs = bandwidthMbits === 0 ? 0 : (bytes * 8) / (bandwidthMbits * 1000);
    this.#freeAt = this.horizon + wireMs;
    this.#virtual = Math.max(this.#virtual, flow.start);
    flow.charge(bytes);
    this.#meter.add(bytes);
    transmission.left -= bytes;
    if (transmission.left > 0) return;
    flow.queue.shift();
    if (flow.closed && flow.queue.length === 0) this.#flows.delete(flow);
    const leftMs = Math.max(0, this.#freeAt - now);
    if (leftMs < AHEAD_MS) transmission.sent.resolve();
    else this.#timebase.after(leftMs, () => transmission.sent.resolve());
    const { latencyMs } = this.#settings;
    flow.arrivals.deliverAt(
      now + (leftMs < AHEAD_MS ? 0 : leftMs) + (latencyMs < 1 ? 0 : latencyMs),
      transmission.deliver,
    );
  }

  #select(): LinkFlow | undefined {
    let best: LinkFlow | undefined;
    for (const flow of this.#flows) {
      if (flow.queue.length === 0) continue;
      if (flow.guaranteedAt <= this.horizon) return flow;
      if (!best || flow.start < best.start) best = flow;
    }
    return best;
  }
}

class LinkFlow implements Flow {
  readonly queue: Transmission[] = [];
  /** Start tag of its next quantum in the link's virtual time. */
  start = 0;
  /** When its reservation entitles it to the next quantum; never, without one. */
  guaranteedAt: number;
  readonly #link: Link;
  readonly #reserved: number;
  readonly #meter: ThroughputMeter;
  /** Of all flows that carry the like. */
  readonly #traffic: TrafficMeter;
  readonly arrivals: OrderedDelivery;
  closed = false;

  constructor(link: Link, timebase: Timebase, reserved: number, traffic: TrafficMeter) {
    this.#traffic = traffic;
    this.#link = link;
    this.#reserved = reserved;
    this.#meter = new ThroughputMeter(timebase);
    this.arrivals = new OrderedDelivery(timebase);
    this.guaranteedAt = reserved > 0 ? 0 : Number.POSITIVE_INFINITY;
  }

  transmit(bytes: number, deliver: () => void): Promise<void> {
    const sent = deferred<void>();
    if (this.queue.length === 0) {
      this.start = Math.max(this.start, this.#link.virtual);
      this.guaranteedAt = Math.max(this.guaranteedAt, this.#link.horizon);
    }
    this.queue.push({ left: bytes, sent, deliver });
    this.#link.wake();
    return sent.promise;
  }

  throughputMbits(): number {
    return this.#meter.mbits();
  }

  close(): void {
    this.closed = true;
    if (this.queue.length === 0) this.#link.forget(this);
  }

  /** A quantum of this flow was put on the wire. */
  charge(bytes: number): void {
    this.start += bytes;
    this.#meter.add(bytes);
    this.#traffic.add(bytes);
    const mbits = this.#reserved * this.#link.settings.bandwidthMbits;
    if (mbits > 0) this.guaranteedAt += (bytes * 8) / (mbits * 1000);
  }
}

function checked(settings: LinkSettings): LinkSettings {
  for (const value of [settings.bandwidthMbits, settings.latencyMs]) {
    if (!Number.isFinite(value) || value < 0) {
      throw new RangeError('A link’s bandwidth (Mbit/s) and latency (ms) must be numbers of zero or more');
    }
  }
  return { bandwidthMbits: settings.bandwidthMbits, latencyMs: settings.latencyMs };
}
