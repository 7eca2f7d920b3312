// A host's way onto the subnet's Ethernet: frames of its switch go out in batches through the modelled link, those of other
// hosts come in.
//
// Invariants:
// - What is queued is bounded in bytes and in time. One sender gets at most half of what is free (dynamic thresholds;
//   Choudhury and Hahne, IEEE/ACM ToN 1998), so a flood leaves room for the others.
// - Frames leave in the order of their numbers and arrive in it, whatever the jitter. What the modelled line loses has no
//   number: others see no gap.
// - Guests' frames are one flow of the link, migrations are others: neither starves the other (link.ts).

import type { Timebase } from '../../base/timebase.ts';
import type { Subnet } from '../carrier/subnet.ts';
import type { Frame } from '../packet/ethernet.ts';
import type { Seal } from '../presence/office.ts';
import type { Origin } from '../switch/switch-port.ts';
import { frameBatchKind, packFrames, unpackFrames } from './frame-batch.ts';
import type { Flow, Link } from './link.ts';
import { OrderedDelivery } from './ordered-delivery.ts';

/** What a line does to frames beside the link's bandwidth and latency. */
export interface LineQuality {
  /** Share of the frames that get lost, 0..1. */
  loss: number;
  /** A batch arrives up to so many ms later than it should. */
  jitterMs: number;
}

export interface UplinkCounters {
  sentFrames: number;
  sentBytes: number;
  receivedFrames: number;
  receivedBytes: number;
  /** Frames that the modelled line lost. */
  lost: number;
  /** Frames dropped because too many waited for the link. */
  queueFull: number;
  /** Frames that came in from a former holder of an office, and were dropped. */
  superseded: number;
}

export interface UplinkOptions {
  /** The subnet's channel for frames; the uplink closes it. */
  channel: Subnet;
  link: Link;
  timebase: Timebase;
  quality?: LineQuality;
  /** Share of the link, 0..1, that guests' frames get even when migrations want all. */
  reserved?: number;
  /** Runs a task soon, after those that are due: frames sent until then go in one batch. */
  soon(task: () => void): void;
  /** 0..1, as Math.random. */
  random?: () => number;
  /** Do frames with this seal count? */
  accepts?: (seal: Seal) => boolean;
  receive(frame: Frame, origin: Origin): void;
}

const BATCH_BYTES = 64 << 10;
const QUEUE_MS = 50;
const QUEUE_BYTES_LEAST = 64 << 10;
const QUEUE_BYTES_MOST = 1 << 20;
/** Preamble, frame check sequence and gap between frames: bytes that a frame takes on the wire beside its own. */
const WIRE_OVERHEAD = 24;

interface Waiting {
  frame: Frame;
  sender: object;
  seal: Seal | undefined;
}

export class Uplink {
  readonly counters: UplinkCounters = {
    sentFrames: 0,
    sentBytes: 0,
    receivedFrames: 0,
    receivedBytes: 0,
    lost: 0,
    queueFull: 0,
    superseded: 0,
  };
  readonly #options: UplinkOptions;
  readonly #flow: Flow;
  readonly #random: () => number;
  readonly #late: OrderedDelivery;
  #quality: LineQuality;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  readonly #queuedBySender = new Map<object, number>();
  /** Number of the next frame that is put into a batch. */
  #nextNumber = 0;
  readonly #expected = new Map<string, number>();
  #sending = false;
  #closed = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#quality = checked(options.quality ?? { loss: 0, jitterMs: 0 });
    this.#flow = options.link.openFlow(options.reserved, 'guests');
    this.#random = options.random ?? Math.random;
    this.#late = new OrderedDelivery(options.timebase);
    options.channel.on(frameBatchKind, (from, batch) => {
      let number = batch.first;
      this.#expected.set(from, batch.first + batch.lengths.length);
      for (const [index, frame] of unpackFrames(batch).entries()) {
        this.counters.receivedFrames += 1;
        this.counters.receivedBytes += frame.length;
        const seal = batch.seals?.get(index);
        if (!seal || options.accepts?.(seal) !== false) options.receive(frame, { node: from, number });
        else this.counters.superseded += 1;
        number += 1;
      }
    });
  }

  get quality(): LineQuality {
    return this.#quality;
  }

  /** @throws RangeError for a loss outside 0..1 or a negative jitter. */
  set quality(quality: LineQuality) {
    this.#quality = checked(quality);
  }

  /** The number that the next frame sent will have. */
  get position(): number {
    return this.#nextNumber + this.#queue.length;
  }

  /** By node, the number after that of the last frame that came from it. */
  get received(): ReadonlyMap<string, number> {
    return this.#expected;
  }

  /** Mbit/s over the last second. */
  throughputMbits(): number {
    return this.#flow.throughputMbits();
  }

  /**
   * Queues a frame. False if there is no room for it.
   * @param sender the queue is shared fairly among its senders.
   * @param seal of the office for which it is sent, if it is.
   */
  send(frame: Frame, sender: object, seal?: Seal): boolean {
    if (this.#closed) return false;
    if (this.#quality.loss > 0 && this.#random() < this.#quality.loss) {
      this.counters.lost += 1;
      return true;
    }
    const bytes = frame.length + WIRE_OVERHEAD;
    const queued = this.#queuedBySender.get(sender) ?? 0;
    if (queued + bytes > this.#queueLimit - this.#queuedBytes) {
      this.counters.queueFull += 1;
      return false;
    }
    this.#queue.push({ frame, sender, seal });
    this.#queuedBytes += bytes;
    this.#queuedBySender.set(sender, queued + bytes);
    if (!this.#sending) {
      this.#sending = true;
      this.#options.soon(() => void this.#drain());
    }
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#flow.close();
    this.#options.channel.close();
  }

  get #queueLimit(): number {
    const { bandwidthMbits } = this.#options.link.settings;
    if (bandwidthMbits === 0) return QUEUE_BYTES_MOST;
    return Math.min(QUEUE_BYTES_MOST, Math.max(QUEUE_BYTES_LEAST, bandwidthMbits * 125 * QUEUE_MS));
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const { frames, seals, wireBytes } = this.#takeBatch();
      const batch = packFrames(frames, this.#nextNumber, seals);
      this.#nextNumber += frames.length;
      this.counters.sentFrames += frames.length;
      this.counters.sentBytes += batch.bytes.length;
      await this.#flow.transmit(wireBytes, () =>
        this.#withJitter(() => this.#options.channel.broadcast(frameBatchKind, batch)),
      );
    }
    this.#sending = false;
  }

  #takeBatch(): { frames: Frame[]; seals: Map<number, Seal>; wireBytes: number } {
    const seals = new Map<number, Seal>();
    let wireBytes = 0;
    let frames = 0;
    while (frames < this.#queue.length) {
      const { frame, sender, seal } = this.#queue[frames];
      const bytes = frame.length + WIRE_OVERHEAD;
      if (frames > 0 && wireBytes + bytes > BATCH_BYTES) break;
      this.#release(sender, bytes);
      if (seal) seals.set(frames, seal);
      wireBytes += bytes;
      frames += 1;
    }
    return { frames: this.#queue.splice(0, frames).map(({ frame }) => frame), seals, wireBytes };
  }

  #release(sender: object, bytes: number): void {
    const queued = this.#queuedBySender.get(sender)! - bytes;
    this.#queuedBytes -= bytes;
    if (queued > 0) this.#queuedBySender.set(sender, queued);
    else this.#queuedBySender.delete(sender);
  }

  #withJitter(deliver: () => void): void {
    this.#late.deliverAt(this.#options.timebase.now() + this.#random() * this.#quality.jitterMs, deliver);
  }
}

function checked({ loss, jitterMs }: LineQuality): LineQuality {
  if (!(loss >= 0 && loss <= 1)) throw new RangeError('A line’s loss must be a share from 0 to 1');
  if (!(jitterMs >= 0 && Number.isFinite(jitterMs))) throw new RangeError('A line’s jitter (ms) must be zero or more');
  return { loss, jitterMs };
}
