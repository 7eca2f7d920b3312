// Streams: ordered, flow-controlled conversations between two nodes, each on a private channel so that only its two ends pay
// for the bulk. One message at a time is processed at the receiver; when it is done its number is acknowledged.
//
// Invariants:
// - Messages are handed over in order, each once. A gap in the numbers, or an acknowledgement that does not come while the
//   sender waits for STALL_TICKS, breaks the stream; there is no resending, as the channel itself loses nothing while both
//   nodes live. Ticks are the sender's own: one that was itself stopped, or slept with the whole machine, breaks no stream.
// - At most WINDOW_BYTES are sent and not acknowledged; `send` waits for room.
// - `closed` settles once, at both ends if both live. The end that closed hands nothing more over; the other still processes
//   what it had received.

import { count, fields, shortened, text } from '../../base/decode.ts';
import { type Deferred, deferred } from '../../base/deferred.ts';
import { every, type Timebase } from '../../base/timebase.ts';
import type { Carrier } from '../carrier/carrier.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';

const WINDOW_BYTES = 8 << 20;
const TICK_MS = 2500;
// For a peer that lives and is busy, starting a vCPU on a loaded machine for instance: presence notices sooner that one is silent.
const STALL_TICKS = 12;

const DATA: MessageKind<{ sequence: number; payload: unknown }> = {
  name: 'stream-data',
  decode(value) {
    const { sequence, payload } = fields(value);
    return { sequence: count(sequence, 'sequence'), payload };
  },
};
const ACKNOWLEDGE: MessageKind<{ sequence: number }> = {
  name: 'stream-acknowledge',
  decode: (value) => ({ sequence: count(fields(value).sequence, 'sequence') }),
};
const CLOSE: MessageKind<{ reason: string }> = {
  name: 'stream-close',
  decode: (value) => ({ reason: text(fields(value).reason, 'reason') }),
};

/** A message is handed over when the promise of the one before has settled; a rejection breaks the stream. */
export type StreamHandler = (payload: unknown) => void | Promise<void>;

export class StreamError extends Error {
  override name = 'StreamError';
}

export class Stream {
  readonly peer: string;
  /** Resolves with a user-facing reason. */
  readonly closed: Promise<string>;
  readonly #channel: Subnet;
  readonly #carrier: Carrier;
  readonly #closing = deferred<string>();
  readonly #stopWatchdog: () => void;
  #reason: string | undefined;
  #handler: StreamHandler | undefined;
  readonly #arrived: { sequence: number; payload: unknown }[] = [];
  #draining = false;
  #expected = 0;
  #next = 0;
  readonly #unacknowledged: { bytes: number; ticks: number; onWire: boolean }[] = [];
  #acknowledged = 0;
  #inFlight = 0;
  #acknowledgement: Deferred<void> | undefined;

  constructor(peer: string, channel: Subnet, timebase: Timebase, carrier: Carrier) {
    this.peer = peer;
    this.#channel = channel;
    this.#carrier = carrier;
    this.closed = this.#closing.promise;
    channel.on(DATA, (from, { sequence, payload }) => from === peer && this.#receive(sequence, payload));
    channel.on(ACKNOWLEDGE, (from, { sequence }) => from === peer && this.#acknowledge(sequence));
    channel.on(CLOSE, (from, { reason }) => from === peer && this.#peerClosed(reason));
    this.#stopWatchdog = every(timebase, TICK_MS, () => this.#watch());
  }

  /**
   * Sends a structured-cloneable message of about `bytes` bytes. Resolves when it has left on the modelled link and the
   * window has room for the next.
   * @throws StreamError when the stream is or gets closed.
   */
  async send(payload: unknown, bytes: number): Promise<void> {
    this.#assertOpen();
    const sequence = this.#next++;
    this.#inFlight += bytes;
    const entry = { bytes, ticks: 0, onWire: false };
    this.#unacknowledged.push(entry);
    const leaving = this.#carrier.transmit(bytes, () => {
      entry.onWire = true;
      this.#post(sequence, payload);
    });
    // A large message is long on its way over a slow link: `send` does not wait for it once the stream is closed.
    await Promise.race([leaving, this.#closing.promise]);
    while (this.#inFlight > WINDOW_BYTES && this.#reason === undefined) await this.#progress();
    this.#assertOpen();
  }

  /**
   * Resolves when the peer has processed everything sent so far.
   * @throws StreamError when the stream is or gets closed before that.
   */
  async drained(): Promise<void> {
    while (this.#inFlight > 0 && this.#reason === undefined) await this.#progress();
    this.#assertOpen();
  }

  /** Sets the one receiver; what arrived before waits for it. */
  receive(handler: StreamHandler): void {
    this.#handler = handler;
    void this.#drain();
  }

  /** Closes both ends. */
  close(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#arrived.length = 0;
    this.#channel.send(this.peer, CLOSE, { reason: shortened(reason) });
    this.#finish(reason);
  }

  #assertOpen(): void {
    if (this.#reason !== undefined) throw new StreamError(this.#reason);
  }

  #post(sequence: number, payload: unknown): void {
    if (this.#reason !== undefined) return;
    try {
      this.#channel.send(this.peer, DATA, { sequence, payload });
    } catch (error) {
      this.close(`A message could not be sent to ${this.peer}: ${(error as Error).message}`);
    }
  }

  /** Resolves at the next acknowledgement, or when the stream is closed. */
  #progress(): Promise<void> {
    this.#acknowledgement ??= deferred<void>();
    return this.#acknowledgement.promise;
  }

  #receive(sequence: number, payload: unknown): void {
    if (sequence < this.#expected) return;
    if (sequence > this.#expected) {
      this.close(`A message from ${this.peer} was lost on the subnet (${this.#expected} is missing).`);
      return;
    }
    this.#expected += 1;
    this.#arrived.push({ sequence, payload });
    void this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#draining || !this.#handler) return;
    this.#draining = true;
    try {
      for (let message = this.#arrived.shift(); message; message = this.#arrived.shift()) {
        const handled = this.#handler(message.payload);
        if (handled) await handled;
        if (this.#reason === undefined) {
          this.#channel.send(this.peer, ACKNOWLEDGE, { sequence: message.sequence });
        }
      }
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
    } finally {
      this.#draining = false;
    }
  }

  #acknowledge(sequence: number): void {
    while (this.#acknowledged <= sequence && this.#unacknowledged.length > 0) {
      this.#inFlight -= this.#unacknowledged.shift()!.bytes;
      this.#acknowledged += 1;
    }
    this.#wake();
  }

  #wake(): void {
    this.#acknowledgement?.resolve();
    this.#acknowledgement = undefined;
  }

  #watch(): void {
    const oldest = this.#unacknowledged[0];
    if (!oldest?.onWire) return;
    if (oldest.ticks >= STALL_TICKS) {
      this.close(`${this.peer} has not answered for ${(STALL_TICKS * TICK_MS) / 1000} seconds.`);
    }
    oldest.ticks += 1;
  }

  #peerClosed(reason: string): void {
    if (this.#reason === undefined) this.#finish(reason);
  }

  #finish(reason: string): void {
    this.#reason = reason;
    this.#stopWatchdog();
    this.#channel.close();
    this.#wake();
    this.#closing.resolve(reason);
  }
}
